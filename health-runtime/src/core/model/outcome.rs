//! What one run of a check says.

use std::borrow::Cow;
use std::error::Error;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::core::model::detail;
use crate::core::model::error_class::Failure;
use crate::core::model::status::Status;
use crate::text::truncate::truncate_and_mask;

/// What one run of a check says: a status, the reason for it, and details.
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
#[derive(Debug)]
#[must_use = "an outcome does nothing until the check returns it"]
pub struct Outcome {
    pub(crate) status: Status,
    pub(crate) reason: Option<Reason>,
    pub(crate) details: Vec<Detail>,
}

/// Why a run was not up, by who says it.
#[derive(Debug)]
pub(crate) enum Reason {
    /// Words that the author of the check chose for readers.
    Given(Cow<'static, str>),
    /// An error that came up, whose text was written for nobody in particular.
    Failed(Failure),
}

/// One detail as it stands in the body: already JSON, so the order of nested keys stays as given.
#[derive(Debug, Clone)]
pub(crate) struct Detail {
    pub(crate) key: Cow<'static, str>,
    pub(crate) value: Box<RawValue>,
}

impl Outcome {
    /// All is well.
    pub fn up() -> Self {
        Self::new(Status::Up, None)
    }

    /// It works, but not as it should: the whole turns degraded and still answers 200.
    pub fn degraded(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Status::Degraded, Some(Reason::Given(reason.into())))
    }

    /// It does not work. `reason` is shown to whoever may read the answer, so write it for them; credentials in it are masked.
    pub fn down(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Status::Down, Some(Reason::Given(reason.into())))
    }

    /// Adds a detail, which stands in the body beside the status, after those added before it.
    ///
    /// A key that the body itself uses, or that was given already, turns the outcome down with a reason that names the
    /// key, and so does a value that is not JSON: nothing is dropped and nothing is overwritten.
    pub fn with(mut self, key: &'static str, value: impl Serialize) -> Self {
        match detail::raw(&value) {
            Ok(value) => self.add(Cow::Borrowed(key), value),
            Err(error) => self.refuse(&format!("detail `{key}` is no JSON"), Some(&error)),
        }
        self
    }

    pub(crate) fn failed(error: &(dyn Error + 'static)) -> Self {
        Self::new(Status::Down, Some(Reason::Failed(Failure::of(error))))
    }

    /// The same with a public class that the error itself does not tell.
    #[cfg(any(
        feature = "dns",
        feature = "http",
        feature = "memcached",
        feature = "redis",
        feature = "sqlx",
        feature = "tcp",
        feature = "tls",
    ))]
    pub(crate) fn failed_as(class: &'static str, error: &(dyn Error + 'static)) -> Self {
        let failure = Failure { class: Cow::Borrowed(class), ..Failure::of(error) };
        Self::new(Status::Down, Some(Reason::Failed(failure)))
    }

    fn new(status: Status, reason: Option<Reason>) -> Self {
        Self { status, reason, details: Vec::new() }
    }

    fn add(&mut self, key: Cow<'static, str>, value: Box<RawValue>) {
        if detail::is_reserved(&key) || self.details.iter().any(|held| held.key == key) {
            self.refuse(&format!("detail `{key}` is reserved"), None);
        } else {
            self.details.push(Detail { key, value });
        }
    }

    /// Turns the outcome down for a mistake in its details, and keeps the reason that it already had. What the cause says was
    /// written for nobody in particular, as the text of any error.
    fn refuse(&mut self, mistake: &str, cause: Option<&(dyn Error + 'static)>) {
        self.status = Status::Down;
        let public = match self.reason.take() {
            None => mistake.to_owned(),
            Some(Reason::Given(reason)) => format!("{reason}; {mistake}"),
            Some(failed @ Reason::Failed(_)) => {
                self.reason = Some(failed);
                return;
            }
        };
        self.reason = Some(match cause {
            Some(cause) => Reason::Failed(Failure::with_class(truncate_and_mask(&public), cause)),
            None => Reason::Given(Cow::Owned(public)),
        });
    }
}

/// Up, with the fields of a struct or the entries of a map beside the status, in their order.
///
/// The keys obey the rules of [`Outcome::with`].
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

/// What a check may return: `()`, [`Outcome`], [`Details`], or a `Result` of one of these with an error that
/// converts into `Box<dyn std::error::Error + Send + Sync>`.
///
/// `bool` and `Option` are left out on purpose: they say that a check failed, not why.
#[diagnostic::on_unimplemented(
    message = "health check must return `()`, `Outcome`, `Details<T>` or a `Result` of one of these, not `{Self}`; return `Result<(), E>` with the error that says why",
    label = "this does not say why the check failed",
    note = "`bool` and `Option` say that it failed, not why: `Err(\"queue is full\")` in a `Result<(), &str>` does",
    note = "a plain `fn` that returns a future is to be an `async fn`"
)]
pub trait IntoOutcome {
    /// Converts the returned value.
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
        match detail::fields(&self.0) {
            Ok(fields) => fields.into_iter().for_each(|(key, value)| outcome.add(Cow::Owned(key), value)),
            Err(error) => outcome.refuse("details are no JSON object", Some(&error)),
        }
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

/// The error of a check's `Result`: whatever converts into a boxed error.
#[diagnostic::on_unimplemented(
    message = "health check must fail with a `std::error::Error` that is `Send + Sync`, not with `{Self}`; make it one, or return a `String`",
    label = "this does not convert into `Box<dyn std::error::Error + Send + Sync>`",
    note = "`Box<dyn Error>` does with `+ Send + Sync`: a run may move to another thread"
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
