//! A library that only another library calls.

use health_runtime::health_check;

/// In a dependency of a library that is used.
#[health_check(startup)]
async fn in_a_transitive_library() {}

/// What the other library calls.
pub fn one() -> usize {
    1
}
