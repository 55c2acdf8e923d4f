//! The items that generated code names. They are not covered by semantic versioning: `health-macros` is pinned to exactly this
//! version of the crate.

pub use core;
pub use core::option::Option;
pub use core::time::Duration;

pub use crate::core::model::outcome::{CheckError, Outcome};
pub use crate::core::model::status::Kind;
pub use crate::core::registry::descriptor::{CheckFn, CheckFuture, Descriptor, SourceLocation};
pub use crate::core::registry::linked::{LinkedCheck, linked_checks};
pub use crate::core::registry::run::ReturnedFuture;
pub use crate::core::registry::state::{ArgumentResolver, FromState};
pub use health_macros::CallDeprecated;

/// For the tests of this project, whose build has both servers.
#[cfg(all(feature = "test-util", feature = "tower"))]
pub use crate::adapters::listener::listen_over_hyper;

pub use crate::{__outside_an_impl as move_the_health_check_out_of_the_impl, __register_check as register};

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
