//! The life of a process once more, with real signals to a real process. What each stage means is tested on the paused
//! clock, in `cases/life.rs` and beside the code.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod abandoned;
mod drain;
mod startup;
mod stop;
mod support;
mod under_load;
