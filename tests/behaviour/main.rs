//! The acceptance cases, each a test that carries the id of its case. Time is tokio's paused clock, so latencies and
//! ages are exact and bodies can be compared byte for byte.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod configuration;
mod details;
mod drain;
mod exposure;
mod formats;
mod http;
mod kinds;
mod life;
mod page;
mod proxies;
mod runs;
mod shapes;
mod sharing;
mod stuck;
mod support;
mod thresholds;
mod workers;
