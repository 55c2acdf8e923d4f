//! What checks, runs, results and policies do, without a socket. Time is tokio's paused clock, so latencies and ages are
//! exact and bodies are compared byte for byte. Test names start with the id of their case in `CASES.md`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod after;
mod blocking_futures;
mod closures;
mod configuration;
mod constants;
mod details;
mod documented_limits;
mod foreign_code;
mod grace_and_slow;
mod heartbeats;
mod incidents;
mod instances;
mod kinds;
mod log;
mod log_facade;
mod methods;
mod peers;
mod runs;
mod runtime_watch;
mod settings;
mod single_flight;
mod thresholds;
mod workers;
