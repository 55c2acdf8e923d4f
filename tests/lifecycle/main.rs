//! Startup, drain and shutdown of a process, on tokio's paused clock and with real signals.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod drain_layer;
mod drain_middleware;
mod load_metrics;
mod maintenance;
mod phases;
mod signals;
mod start_errors;
mod systemd;
