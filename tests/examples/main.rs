//! The examples, each built and started as its reader would.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod container;
mod haproxy;
mod orders;
mod orders_middleware;
mod orders_with_servers;
mod recipes;
mod small;
mod systemd;
