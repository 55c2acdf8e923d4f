//! The verdict on a check: thresholds are applied when a run finishes, age when the check is read.

mod check_state;
mod failure_cap;
mod heartbeat_reading;
mod mask_memo;
mod run_outcome;
#[cfg(test)]
mod tests;
mod worker_observation;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::core::model::detail::Detail;
use crate::core::model::status::Status;
pub(crate) use check_state::{
    CheckState, CheckTimings, FIRST_QUESTION_TIMEOUT, InFlightRun, OVERDUE_SLACK, Observation, ReadContext, ReadStatus,
};
pub(crate) use failure_cap::FailureCap;
pub(crate) use heartbeat_reading::HeartbeatReading;
pub(crate) use mask_memo::MaskMemo;
pub(crate) use run_outcome::{FinishedRun, RunOutcome, RunResult};

/// Why a check is not up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reason {
    /// Safe to show: the author's message, masked, or a phrase from a fixed list.
    pub(crate) public: Cow<'static, str>,
    /// The text of the error and its causes, masked.
    pub(crate) error_chain: Option<Arc<str>>,
}

impl Reason {
    pub(crate) fn public(text: impl Into<Cow<'static, str>>) -> Self {
        Self { public: text.into(), error_chain: None }
    }

    /// Returns a reason with another public text. The full text stays that of this one.
    pub(crate) fn behind(self, public: &str) -> Self {
        let error_chain = Some(self.error_chain.unwrap_or_else(|| (*self.public).into()));
        Self { public: public.to_owned().into(), error_chain }
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
    pub(crate) details: Box<[Detail]>,
    /// Duration of the last run.
    pub(crate) duration: Option<Duration>,
    pub(crate) finished_at: Instant,
    /// When the status was decided: the end of the run, of the grace, or of the delay before a return.
    decided_at: Instant,
    /// When the last good run finished, since the last skip.
    last_good_at: Option<Instant>,
    /// What replaces this verdict with time alone, unless a run finishes before: a failure at the end of the grace, a good result
    /// at the end of the delay before a return.
    replacement: Option<Arc<Self>>,
    /// One of the two counts is zero.
    pub(crate) consecutive_successes: u32,
    pub(crate) consecutive_failures: u32,
}

/// When a run changes the status of a check.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Thresholds {
    /// Consecutive failed runs.
    pub(crate) failure: u32,
    /// Consecutive good runs.
    pub(crate) success: u32,
    /// Time since the last good run, instead of a number of failed runs.
    pub(crate) grace: Option<Duration>,
    /// How long the check stays down after it has recovered.
    pub(crate) return_delay: Option<Duration>,
}

/// What readers saw of a check before a run finished.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SeenBefore {
    /// It was down because this run was overdue, so a failure within a threshold must not bring back `up`.
    pub(crate) overdue: bool,
    /// It was skipped, so the run decides at once, as a first run does.
    pub(crate) skipped: bool,
}

impl Verdict {
    /// Returns the verdict after one more run.
    pub(crate) fn apply_run(previous: Option<&Arc<Self>>, run: FinishedRun, seen: SeenBefore, thresholds: Thresholds) -> Self {
        let now = run.finished_at;
        let previous = previous.map(|last| last.at(now));
        let good = run.result.is_good();
        let (successes, failures) = Self::counts(previous);
        let (successes, failures) = if good { (successes.saturating_add(1), 0) } else { (0, failures.saturating_add(1)) };
        // A stopped runtime never runs the check again.
        let is_final = run.result == RunResult::RuntimeStopped || seen.skipped || seen.overdue && !good;
        let undecided = previous.filter(|_| !is_final);
        let last_good_at = undecided.and_then(|last| last.last_good_at);
        let grace_ends_at = thresholds.grace.filter(|_| !good).and_then(|grace| Some(last_good_at? + grace));
        let grace_ends_at = grace_ends_at.filter(|ends_at| now < *ends_at);
        let recovers = good && successes >= thresholds.success && undecided.is_some_and(|last| last.status == Status::Down);
        let returns_at = thresholds.return_delay.filter(|_| recovers).and_then(|delay| {
            let is_waiting = undecided.and_then(|last| last.replaced_at());
            Some(is_waiting.unwrap_or(now + delay)).filter(|returns_at| now < *returns_at)
        });
        let kept = undecided.filter(|last| match (last.status != Status::Down, good) {
            (true, false) => grace_ends_at.is_some() || failures < thresholds.failure,
            (false, true) => successes < thresholds.success || returns_at.is_some(),
            (true, true) | (false, false) => false,
        });
        let last_good_at = if good { Some(now) } else { last_good_at };
        let decided = Self { last_good_at, ..Self::of_run(run, successes, failures) };
        match kept {
            Some(last) => decided.with_status_of(last, grace_ends_at.or(returns_at)),
            None => decided,
        }
    }

    /// Returns the verdict that holds at `now`: this one, or the one that replaces it.
    pub(crate) fn at(self: &Arc<Self>, now: Instant) -> &Arc<Self> {
        self.replacement.as_ref().filter(|next| now >= next.decided_at).unwrap_or(self)
    }

    /// Returns when another verdict replaces this one if no run finishes.
    pub(crate) fn replaced_at(&self) -> Option<Instant> {
        self.replacement.as_ref().map(|next| next.decided_at)
    }

    /// Returns a verdict with the status of `last`, which this one replaces at `replaced_at`.
    fn with_status_of(self, last: &Self, replaced_at: Option<Instant>) -> Self {
        let Self { duration, finished_at, last_good_at, consecutive_successes, consecutive_failures, .. } = self;
        Self {
            status: last.status,
            reason: last.reason.clone(),
            details: last.details.clone(),
            duration,
            finished_at,
            decided_at: finished_at,
            last_good_at,
            replacement: replaced_at.map(|decided_at| Arc::new(Self { decided_at, ..self })),
            consecutive_successes,
            consecutive_failures,
        }
    }

    /// Returns the verdict after a reporter withdrew its status; `remaining` is the effective status of the others. A withdrawal
    /// is not a run and is not counted.
    pub(crate) fn apply_withdrawal(previous: Option<&Arc<Self>>, remaining: FinishedRun) -> Self {
        let (successes, failures) = Self::counts(previous);
        let (successes, failures) = if remaining.result.is_good() { (successes, 0) } else { (0, failures) };
        Self::of_run(remaining, successes, failures)
    }

    fn counts(previous: Option<&Arc<Self>>) -> (u32, u32) {
        previous.map_or((0, 0), |last| (last.consecutive_successes, last.consecutive_failures))
    }

    fn of_run(run: FinishedRun, consecutive_successes: u32, consecutive_failures: u32) -> Self {
        let FinishedRun { result, reason, details, duration, finished_at, .. } = run;
        Self {
            status: result.status(),
            reason,
            details,
            duration,
            finished_at,
            decided_at: finished_at,
            last_good_at: None,
            replacement: None,
            consecutive_successes,
            consecutive_failures,
        }
    }
}
