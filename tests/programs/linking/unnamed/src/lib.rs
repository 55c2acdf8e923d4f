//! A library that is in the binary's Cargo.toml and in no line of its source.

use health_runtime::health_check;

/// In a library that is never named.
#[health_check(readiness)]
async fn in_an_unnamed_library() {}
