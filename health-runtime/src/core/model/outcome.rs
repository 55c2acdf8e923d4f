//! The outcome of one run.

use std::borrow::Cow;
use std::error::Error;

use serde::Serialize;

use super::detail::{self, DetailList};
use super::error_class::ErrorSummary;
use super::status::Status;

/// The outcome of one run: a status, the reason for it, and details.
///
/// ```standalone_crate
/// use health_runtime::{Outcome, health_check};
///
/// #[health_check(readiness, critical = false)]
/// async fn disk() -> Outcome {
///     let free_gb = 42.5;
///     if free_gb < 1.0 {
///         Outcome::degraded("less than 1 GB is free").with("free_gb", free_gb)
///     } else {
///         Outcome::up().with("free_gb", free_gb)
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "an outcome has no effect until the check returns it"]
pub struct Outcome {
    pub(crate) status: Status,
    pub(crate) cause: Option<Cause>,
    pub(crate) details: DetailList,
}

/// Why a run was not up.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cause {
    /// A message that the author of the check wrote for everyone who can read the response.
    Message(Cow<'static, str>),
    /// An error, whose text may contain anything.
    Error(ErrorSummary),
}

impl Outcome {
    /// Returns an `Up` outcome.
    pub fn up() -> Self {
        Self::new(Status::Up, None)
    }

    /// Returns a `Degraded` outcome; the overall state becomes degraded, and the response stays 200. `reason` is shown as
    /// described at [`down`](Self::down).
    pub fn degraded(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Status::Degraded, Some(Cause::Message(reason.into())))
    }

    /// Returns a `Down` outcome. `reason` is shown to everyone who can read the response, with credentials masked.
    pub fn down(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Status::Down, Some(Cause::Message(reason.into())))
    }

    /// Adds a detail, which the body shows after those that were added before it. A detail never changes the status.
    ///
    /// A key that the body itself uses, such as `status` or `age_ms`, or one that another detail has, gets an underscore appended
    /// until it is free. A value that cannot be serialized as JSON is left out. The first time that a check returns such a detail,
    /// a warning in the log names it. Details are shown as they are: credentials in them are not masked.
    pub fn with(mut self, key: &'static str, value: impl Serialize) -> Self {
        self.details.add(key, &value);
        self
    }

    /// Returns the status.
    pub fn status(&self) -> Status {
        self.status
    }

    /// Returns why the status is not up: the reason as given, or the public class of an error, such as `connection refused`.
    ///
    /// A unit test of a check that returns a `Result` converts it first:
    ///
    /// ```
    /// use std::io::{Error, ErrorKind};
    /// use health_runtime::{IntoOutcome, Outcome, Status};
    ///
    /// let refused = Err::<(), _>(Error::from(ErrorKind::ConnectionRefused)).into_outcome();
    /// assert_eq!((refused.status(), refused.reason()), (Status::Down, Some("connection refused")));
    ///
    /// let behind = Outcome::degraded("12s behind").with("lag_seconds", 12);
    /// assert_eq!(behind.detail("lag_seconds"), Some(12.into()));
    /// assert_eq!(behind, Outcome::degraded("12s behind").with("lag_seconds", 12));
    /// ```
    pub fn reason(&self) -> Option<&str> {
        match self.cause.as_ref()? {
            Cause::Message(reason) => Some(reason),
            Cause::Error(summary) => Some(&summary.public),
        }
    }

    /// Returns the detail with this key.
    pub fn detail(&self, key: &str) -> Option<serde_json::Value> {
        detail::find(&self.details, key)
    }

    pub(crate) fn failed(error: &(dyn Error + 'static)) -> Self {
        Self::new(Status::Down, Some(Cause::Error(ErrorSummary::from_error(error))))
    }

    /// Creates a `Down` outcome with a public class that the error itself does not have.
    #[allow(dead_code, reason = "only checks of external dependencies use it")]
    pub(crate) fn failed_as(class: &'static str, error: &(dyn Error + 'static)) -> Self {
        let summary = ErrorSummary { public: Cow::Borrowed(class), ..ErrorSummary::from_error(error) };
        Self::new(Status::Down, Some(Cause::Error(summary)))
    }

    fn new(status: Status, cause: Option<Cause>) -> Self {
        Self { status, cause, details: DetailList::default() }
    }
}

/// An `Up` outcome whose details are the fields of a struct or the entries of a map, in their order.
///
/// The keys follow the rules of [`Outcome::with`]. A value that does not serialize as a JSON object is left out, with the same warning.
///
/// ```standalone_crate
/// use health_runtime::{Details, health_check};
///
/// #[derive(serde::Serialize)]
/// struct Pool {
///     size: u32,
///     idle: u32,
/// }
///
/// #[health_check(readiness)]
/// async fn pool() -> Result<Details<Pool>, std::io::Error> {
///     Ok(Details(Pool { size: 10, idle: 7 }))
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Details<T>(pub T);

/// The return types of a check: `()`, [`Outcome`], [`Details`], or a `Result` of one of these whose error converts into
/// `Box<dyn std::error::Error + Send + Sync>`.
///
/// `bool` and `Option` do not implement it: they show that a check failed, but not why.
#[diagnostic::on_unimplemented(
    message = "health check must return `()`, `Outcome`, `Details<T>` or a `Result` of one of these, not `{Self}`; return a `Result<(), E>` whose error gives the reason",
    label = "this gives no reason for a failure",
    note = "`bool` and `Option` give no reason; `Outcome::down(\"queue is full\")` shows one, and the text of an `Err` is logged",
    note = "write a plain `fn` that returns a future as an `async fn`"
)]
pub trait IntoOutcome {
    /// Converts the returned value into an outcome.
    fn into_outcome(self) -> Outcome;
}

impl IntoOutcome for () {
    fn into_outcome(self) -> Outcome {
        Outcome::up()
    }
}

impl IntoOutcome for Outcome {
    fn into_outcome(self) -> Outcome {
        self
    }
}

impl<T: Serialize> IntoOutcome for Details<T> {
    fn into_outcome(self) -> Outcome {
        let mut outcome = Outcome::up();
        outcome.details.add_fields(&self.0);
        outcome
    }
}

impl<T: IntoOutcome, E: CheckError> IntoOutcome for Result<T, E> {
    fn into_outcome(self) -> Outcome {
        match self {
            Ok(value) => value.into_outcome(),
            Err(error) => Outcome::failed(&*error.into_boxed()),
        }
    }
}

/// The error of a check's `Result`: every type that converts into a boxed error.
#[diagnostic::on_unimplemented(
    message = "health check must fail with a `std::error::Error` that is `Send + Sync`, not with `{Self}`; implement it, or return a `String`",
    label = "this does not convert into `Box<dyn std::error::Error + Send + Sync>`",
    note = "add `+ Send + Sync` to `Box<dyn Error>`: a run may move to another thread"
)]
pub trait CheckError {
    #[doc(hidden)]
    fn into_boxed(self) -> Box<dyn Error + Send + Sync>;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn Error + Send + Sync>>> CheckError for E {
    fn into_boxed(self) -> Box<dyn Error + Send + Sync> {
        self.into()
    }
}
