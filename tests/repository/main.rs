//! Files of the repository: the public API, the badges, the list of acceptance cases and the layers of the runtime. Tests that scan sources belong here.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod badges;
mod cases;
mod layers;
mod public_api;
