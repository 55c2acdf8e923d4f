//! Files of the repository: the public API, the badges and the list of acceptance cases. Tests that scan sources belong here.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod badges;
mod cases;
mod public_api;
