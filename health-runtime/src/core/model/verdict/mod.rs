//! The verdict on a check: thresholds are applied when a run finishes, age when the check is read.

mod check_state;
mod run_outcome;
#[cfg(test)]
mod tests;
mod worker_observation;

use std::borrow::Cow;
use std::time::Duration;

use tokio::time::Instant;

use crate::core::model::detail::Detail;
use crate::core::model::status::Status;
pub(crate) use check_state::{CheckState, CheckTimings, InFlightRun, OVERDUE_SLACK, Observation, ReadContext};
pub(crate) use run_outcome::{FinishedRun, RunOutcome, RunResult};

/// Why a check is not up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reason {
    /// Safe to show: the author's message, masked, or a phrase from a fixed list.
    pub(crate) public: Cow<'static, str>,
    /// The text of the error and its causes, masked.
    pub(crate) error_chain: Option<String>,
}

impl Reason {
    pub(crate) fn public(text: impl Into<Cow<'static, str>>) -> Self {
        Self { public: text.into(), error_chain: None }
    }

    /// Returns the error chain, or the public text where there was no error.
    pub(crate) fn full(&self) -> &str {
        self.error_chain.as_deref().unwrap_or(&self.public)
    }
}

/// The verdict after all runs so far.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// Up, degraded or down. A check becomes unknown only when it is read.
    pub(crate) status: Status,
    pub(crate) reason: Option<Reason>,
    pub(crate) details: Vec<Detail>,
    /// Duration of the last run.
    pub(crate) duration: Option<Duration>,
    pub(crate) finished_at: Instant,
    /// One of the two counts is zero.
    pub(crate) consecutive_successes: u32,
    pub(crate) consecutive_failures: u32,
}

/// How many consecutive runs change the status of a check.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Thresholds {
    pub(crate) failure: u32,
    pub(crate) success: u32,
}

impl Verdict {
    /// Returns the verdict after one more run. `down_was_published`: readers saw the check as down because this run was
    /// overdue, so a failure below the threshold must not bring back `up`.
    pub(crate) fn apply_run(previous: Option<&Self>, run: FinishedRun, down_was_published: bool, thresholds: Thresholds) -> Self {
        let good = run.result.is_good();
        let (successes, failures) = Self::counts(previous);
        let (successes, failures) = if good { (successes.saturating_add(1), 0) } else { (0, failures.saturating_add(1)) };
        // A stopped runtime never runs the check again.
        let decides = run.result == RunResult::RuntimeStopped || down_was_published && !good;
        let kept = previous.filter(|last| {
            let was_good = last.status != Status::Down;
            (was_good && !good && failures < thresholds.failure && !decides)
                || (!was_good && good && successes < thresholds.success)
        });
        Self::with_status_of(kept, run, successes, failures)
    }

    /// Returns the verdict after a reporter withdrew its status; `remaining` is the effective status of the others. A withdrawal
    /// is not a run and is not counted.
    pub(crate) fn apply_withdrawal(previous: Option<&Self>, remaining: FinishedRun) -> Self {
        let (successes, failures) = Self::counts(previous);
        let (successes, failures) = if remaining.result.is_good() { (successes, 0) } else { (0, failures) };
        Self::with_status_of(None, remaining, successes, failures)
    }

    fn counts(previous: Option<&Self>) -> (u32, u32) {
        previous.map_or((0, 0), |last| (last.consecutive_successes, last.consecutive_failures))
    }

    /// Creates a verdict from a run, with the status, reason and details of `kept` if there is one.
    fn with_status_of(kept: Option<&Self>, run: FinishedRun, consecutive_successes: u32, consecutive_failures: u32) -> Self {
        let FinishedRun { result, reason, details, duration, finished_at, .. } = run;
        let (status, reason, details) = match kept {
            Some(last) => (last.status, last.reason.clone(), last.details.clone()),
            None => (result.status(), reason, details),
        };
        Self { status, reason, details, duration, finished_at, consecutive_successes, consecutive_failures }
    }
}
