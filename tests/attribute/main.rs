//! The attribute: which functions become checks, which state they receive, and how a plain `fn` runs.
//!
//! Every `Health` of this binary that has the linked checks has all annotated functions of these files.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::unused_async, reason = "an `async fn` is what these checks are about")]

mod linking;
mod plain_functions;
mod registration;
mod state;
