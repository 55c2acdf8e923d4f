//! Pushes the status of a check from application code.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::ReportedStatuses;
use crate::core::events::notifier;
use crate::core::model::status::Status;
use crate::core::registry::StatusSource;
use crate::text::problems::text_error;

/// Pushes the status of a check created with [`Check::reported`](crate::Check::reported).
///
/// Dropping it withdraws its status. With several reporters of one check the worst status is effective.
///
/// If the check has an `interval`, one of its reporters must report within it. Without a report for 2.5 intervals, counted from
/// `start` at first, the check is down with `no report for 25s`, whatever its kind: the code that should report may have stopped.
///
/// ```
/// use health_runtime::{Check, Health, HealthState, Kind};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let health = Health::builder().check(Check::reported("leader", Kind::Readiness)).start()?;
/// let readiness = async || health.report(Kind::Readiness).await;
/// assert_eq!(readiness().await.check("leader").unwrap().error(), Some("not run yet"));
/// let leader = health.reporter("leader")?;
/// leader.up();
/// assert_eq!(readiness().await.state(), HealthState::Healthy);
/// leader.down("lost the lease");
/// assert_eq!(readiness().await.check("leader").unwrap().error(), Some("lost the lease"));
/// # Ok(())
/// # }
/// ```
#[must_use = "dropping the reporter withdraws its status at once; keep it as long as the status holds"]
pub struct Reporter {
    statuses: ReportedStatuses,
    id: u64,
}

impl Reporter {
    pub(crate) fn new(statuses: &ReportedStatuses) -> Self {
        Self { statuses: statuses.clone(), id: statuses.register() }
    }

    /// Reports `up`.
    pub fn up(&self) {
        self.statuses.report(self.id, Status::Up, Cow::Borrowed(""));
    }

    /// Reports `degraded`. `reason` is shown as the reason of an [`Outcome`](crate::Outcome).
    pub fn degraded(&self, reason: impl Into<Cow<'static, str>>) {
        self.statuses.report(self.id, Status::Degraded, reason.into());
    }

    /// Reports `down`. `reason` is shown as the reason of an [`Outcome`](crate::Outcome).
    pub fn down(&self, reason: impl Into<Cow<'static, str>>) {
        self.statuses.report(self.id, Status::Down, reason.into());
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        self.statuses.withdraw(self.id);
        let check = Arc::clone(self.statuses.name());
        notifier::log(move || tracing::debug!("health check `{check}`: a reporter was dropped, its status is withdrawn"));
    }
}

impl fmt::Debug for Reporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reporter").field("check", &self.statuses.name()).field("id", &self.id).finish_non_exhaustive()
    }
}

text_error! {
    /// The error of [`Health::reporter`](crate::Health::reporter) and [`Health::heartbeat`](crate::Health::heartbeat): no check of
    /// this name was created with [`Check::reported`](crate::Check::reported) or [`Check::heartbeat`](crate::Check::heartbeat).
    #[derive(Clone, PartialEq, Eq)]
    pub struct ReporterError(String);
}

impl ReporterError {
    /// Creates the error for a name that no check from this constructor has. `source` is where the status of the check with this
    /// name comes from, if there is one.
    pub(crate) fn new(name: &str, source: Option<&StatusSource>, constructor: &str) -> Self {
        let (wanted, property) =
            if constructor == "Check::reported" { ("a reported check", "reported") } else { ("a heartbeat", "a heartbeat") };
        Self(match source {
            None => format!("there is no health check `{name}`; add `{constructor}(\"{name}\", …)` to the builder"),
            Some(StatusSource::Linked(..) | StatusSource::Custom(_)) => {
                format!("health check `{name}` is run, not {property}; create it with `{constructor}`")
            }
            Some(StatusSource::Workers(_)) => {
                format!("health check `{name}` is the worker watch, not {wanted}; create another with `{constructor}`")
            }
            Some(StatusSource::Runtime(_)) => {
                format!("health check `{name}` is the runtime watch, not {wanted}; create another with `{constructor}`")
            }
            Some(StatusSource::Reported) => format!("health check `{name}` is reported, not {wanted}; call `Health::reporter`"),
            Some(StatusSource::Heartbeat(_)) => {
                format!("health check `{name}` is a heartbeat, not {wanted}; call `Health::heartbeat`")
            }
        })
    }
}
