//! Responses to probes: status codes, headers, formats and bodies, in memory and on a socket.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod bad_input;
mod conformance;
mod exposure;
mod formats;
mod json_schemas;
mod microprofile_and_spring;
mod proxies;
mod random_checks;
mod responses;
mod writes;
