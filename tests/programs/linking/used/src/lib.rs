//! A library that the binary calls.

use health_runtime::health_check;

/// In a library that is used. A plain `fn`.
#[health_check(liveness)]
fn in_a_used_library() {}

/// What the binary calls.
pub fn one() -> usize {
    transitive::one()
}
