//! The built-in checks against real servers and real file systems.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod contract;
mod databases;
mod green_but_broken;
mod http;
mod local;
mod memcached;
mod probed;
mod redis;
mod servers;
mod tcp;
mod tls;
