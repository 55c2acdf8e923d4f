//! The page for people, in a real browser.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod access;
mod layout;
mod live;
mod refresh;
mod scenes;
mod shown;
