//! The page for people: its bytes, and what a real browser makes of them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod access;
mod content;
mod html;
mod layout;
mod live;
mod refresh;
mod scenes;
