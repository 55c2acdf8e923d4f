//! A library with nothing but a check, kept by `link!`.

use health_runtime::health_check;

/// In a library kept by `link!`.
#[health_check(readiness)]
async fn in_a_kept_library() {}
