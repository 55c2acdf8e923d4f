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

pub use crate::{__complete as complete, __outside_an_impl as put_health_checks_on_the_impl, __register_check as register};

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

/// Names each argument of an attribute in a path, where rust-analyzer completes it with its docs. The compiler gets nothing.
#[cfg(not(rust_analyzer))]
#[doc(hidden)]
#[macro_export]
macro_rules! __complete {
    ($($name:ident)*) => {};
}

/// Names each argument of an attribute in a path, where rust-analyzer completes it with its docs. The compiler gets nothing.
#[cfg(rust_analyzer)]
#[doc(hidden)]
#[macro_export]
macro_rules! __complete {
    ($($name:ident)*) => {
        const _: () = { $(use $crate::__private::arguments::$name as _;)* };
    };
}

/// The arguments of the attribute, as rust-analyzer shows them.
#[cfg(rust_analyzer)]
#[allow(non_upper_case_globals, reason = "they are the names that the attribute has")]
pub mod arguments {
    /// A failure restarts the process: is it alive and making progress?
    pub const liveness: () = ();
    /// A failure removes the instance from rotation: can it serve requests now?
    pub const readiness: () = ();
    /// The other probes wait until it passes: has the process finished initialising?
    pub const startup: () = ();
    /// `name = "orders-db"`: the name in responses and URLs, by default that of the function.
    pub const name: () = ();
    /// `timeout = "500ms"`: the maximum duration of one run, 1 ms to 1 h, by default 750 ms.
    pub const timeout: () = ();
    /// `critical = false`: a failure makes the overall state degraded, never unhealthy.
    pub const critical: () = ();
    /// `cache = "5s"`: how long a result is reused, at most 24 h, by default 1 s.
    pub const cache: () = ();
    /// `interval = "10s"`: the period of runs in the background, 1 ms to 24 h.
    pub const interval: () = ();
    /// `failure_threshold = 3`: consecutive failed runs before `up` changes to `down`, by default 1.
    pub const failure_threshold: () = ();
    /// `success_threshold = 2`: consecutive good runs before `down` changes to `up`, by default 1.
    pub const success_threshold: () = ();
    /// `grace = "30s"`: failed runs keep the last status until this much time has passed since the last good run.
    pub const grace: () = ();
    /// `slow = "200ms"`: a good run that took longer is degraded.
    pub const slow: () = ();
    /// `shared = true`: a failure that other instances have too makes this one degraded, not unhealthy; needs `peers`.
    pub const shared: () = ();
    /// `after = ["database"]`: checks that must be up or degraded before this one runs.
    pub const after: () = ();
    /// `quorum = 1`, with `#[each]`: how many instances must be up or degraded for the check not to be unhealthy.
    pub const quorum: () = ();
    /// `tags = ["storage"]`: the groups of the check.
    pub const tags: () = ();
    /// `description = "…"`: a sentence, by default the first paragraph of the doc comment.
    pub const description: () = ();
}
