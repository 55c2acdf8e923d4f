//! The items that generated code names. They are not covered by semantic versioning: `health-macros` is pinned to exactly this
//! version of the crate.

pub use core;
pub use core::option::Option;
pub use core::primitive::{bool, u32};
pub use core::time::Duration;

pub use crate::core::model::outcome::{CheckError, Outcome};
pub use crate::core::model::status::Kind;
pub use crate::core::registry::descriptor::{CheckFn, CheckFuture, Descriptor, SourceLocation};
pub use crate::core::registry::linked::{LinkedCheck, linked_checks};
pub use crate::core::registry::resolver::ArgumentResolver;
pub use crate::core::registry::run::ReturnedFuture;
pub use crate::core::registry::state::FromState;
pub use health_macros::CallDeprecated;

/// For the tests of this project, whose build has both servers.
#[cfg(all(feature = "test-util", feature = "tower"))]
pub use crate::adapters::listener::listen_over_hyper;

pub use crate::{__outside_an_impl as put_health_checks_on_the_impl, __register_check as register};

use crate::core::model::outcome::IntoOutcome;

/// A type left to inference, as `Inferred<_>`. An error about it underlines everything between the spans of its first and last
/// token, which can be those of a type that the user wrote; a lone `_` has one span only.
pub type Inferred<T> = T;

/// Converts the returned value of a plain `fn` into an outcome.
pub fn must_return_an_outcome<T: IntoOutcome>(returned: T) -> Outcome {
    returned.into_outcome()
}

/// Boxes the future of an `async fn`, which runs as a separate task on any thread.
///
/// One function has both bounds: with two functions, a type that breaks one bound breaks the other too, and one mistake becomes
/// three errors.
pub fn must_be_send_and_return_an_outcome<'c, T, F>(future: F) -> CheckFuture<'c>
where
    T: IntoOutcome,
    F: Future<Output = T> + Send + 'c,
{
    Box::pin(async move { future.await.into_outcome() })
}

/// Checks the type of a constant in the place of a duration. A reference, because for a value of another type the compiler would
/// suggest a conversion, which an attribute cannot have.
pub const fn must_be_a_const_duration(value: &Duration) -> Duration {
    *value
}

/// Checks the type of a constant in the place of an integer.
pub const fn must_be_a_const_u32(value: &u32) -> u32 {
    *value
}

/// Checks the type of a constant in the place of `true` or `false`.
pub const fn must_be_a_const_bool(value: &bool) -> bool {
    *value
}

/// Whether a duration is in a range.
pub const fn is_within(value: Duration, min: Duration, max: Duration) -> bool {
    min.as_nanos() <= value.as_nanos() && value.as_nanos() <= max.as_nanos()
}

/// Whether a duration is above zero and below another.
pub const fn is_below(value: Duration, limit: Duration) -> bool {
    0 < value.as_nanos() && value.as_nanos() < limit.as_nanos()
}

/// Makes the compiler report `problem` at the call, where `holds` is `false`.
#[track_caller]
pub const fn require(holds: bool, problem: &str) {
    assert!(holds, "{}", problem);
}
