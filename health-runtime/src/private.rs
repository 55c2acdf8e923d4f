//! All that generated code may name. Nothing here is covered by semantic versioning: `health-macros` is pinned to the
//! very version of this crate.

pub use core;
pub use core::option::Option;
pub use core::time::Duration;

pub use inventory;

pub use crate::core::model::outcome::{CheckError, Outcome};
pub use crate::core::model::status::Kind;
pub use crate::core::registry::descriptor::{CheckFn, CheckFuture, Descriptor, SourceLocation};
pub use crate::core::registry::state::{ArgumentResolver, FromState};

use crate::core::model::outcome::IntoOutcome;

/// A type that is left to inference, as `Inferred<_>`. An error about it underlines everything between the spans of its
/// first and last token, which can be those of a type that the user wrote; a lone `_` has room for one span only.
pub type Inferred<T> = T;

/// What a plain `fn` returned, as an outcome.
pub fn must_return_an_outcome<T: IntoOutcome>(returned: T) -> Outcome {
    returned.into_outcome()
}

/// The future of an `async fn`, to be run as a task of its own on whichever thread is free.
///
/// Both rules stand in one function: in two, a type that breaks one of them breaks the other's bounds too, and one
/// mistake becomes three errors.
pub fn must_be_send_and_return_an_outcome<'c, T, F>(future: F) -> CheckFuture<'c>
where
    T: IntoOutcome,
    F: Future<Output = T> + Send + 'c,
{
    Box::pin(async move { future.await.into_outcome() })
}
