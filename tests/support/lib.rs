//! Helpers of the tests: clients, servers and programs as guards, checks and logs.
#![allow(
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::must_use_candidate
)]

pub mod alone;
pub mod browser;
pub mod checks;
pub mod client;
pub mod database;
pub mod envoy;
pub mod folder;
pub mod gate;
pub mod http;
pub mod installed;
pub mod log;
pub mod orders;
pub mod panics;
pub mod probe;
pub mod process;
pub mod program;
pub mod random;
pub mod recorder;
pub mod server;
pub mod servers;
pub mod service_manager;
pub mod workspace;

use std::time::{Duration, Instant};

/// Calls `ask` until it returns something. Panics after `limit` with the description of what it waited for.
pub fn until<T>(limit: Duration, what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(begin.elapsed() < limit, "waited {limit:?} in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

// The README's example, as a doc test.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}
