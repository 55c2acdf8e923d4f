//! Files of the repository: the public API, the badges, the list of acceptance cases, the layers of the runtime, the width of the
//! code in the docs, the seed of the property tests, and what features switch on. Tests that scan sources belong here.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod badges;
mod cases;
mod doc_lines;
mod layers;
mod public_api;
mod seed;
mod server_trees;
mod switches;
