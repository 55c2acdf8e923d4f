//! The state of one check, and what a reader observes of it at one moment.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::run_outcome::timed_out;
use super::{FailureCap, Reason, Verdict};
use crate::core::model::status::Status;
use crate::text::number::format_elapsed;

/// How long past its timeout a run may need until it has reported the timeout itself. Only a run that blocks its thread needs
/// longer.
pub(crate) const OVERDUE_SLACK: Duration = Duration::from_millis(25);

/// The maximum time of the question to other instances before a failure is published: a probe waits for it.
pub(crate) const FIRST_QUESTION_TIMEOUT: Duration = Duration::from_millis(100);

/// The state of one check.
#[derive(Debug, Clone, Default)]
pub(crate) struct CheckState {
    pub(crate) verdict: Option<Arc<Verdict>>,
    pub(crate) in_flight: Option<InFlightRun>,
    /// How many runs have ended or were skipped after their claim.
    pub(crate) ended_runs: u64,
    /// For a check with a maximum silence: when its latest report came, or when the checks were started.
    pub(crate) last_report_at: Option<Instant>,
    /// Why the check does not run: a check that it runs after is neither up nor degraded.
    pub(crate) skipped: Option<Arc<str>>,
    /// For a check that asks other instances: whether its failure counts in full.
    pub(crate) failure_cap: Option<Box<FailureCap>>,
    /// The verdict never changes again and never becomes stale.
    pub(crate) frozen: bool,
}

/// A run that was spawned and has not finished.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct InFlightRun {
    /// `None` until the runtime polls its task for the first time, a delay that is not the fault of the check.
    pub(crate) started_at: Option<Instant>,
    /// It reached its timeout and cannot be cancelled.
    pub(crate) overdue: bool,
    /// It has failed, and other instances are asked before its end counts.
    pub(crate) asks_peers: bool,
}

impl InFlightRun {
    /// Returns when the run becomes overdue unless it finishes before.
    pub(crate) fn overdue_at(&self, timeout: Duration) -> Option<Instant> {
        let slack = if self.asks_peers { OVERDUE_SLACK + FIRST_QUESTION_TIMEOUT } else { OVERDUE_SLACK };
        self.started_at.map(|started_at| started_at + timeout + slack)
    }

    pub(crate) fn is_overdue(&self, now: Instant, timeout: Duration) -> bool {
        self.overdue || self.overdue_at(timeout).is_some_and(|overdue_at| now >= overdue_at)
    }
}

/// The parameters of one read of a check.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReadContext {
    pub(crate) now: Instant,
    /// A result of a run that finished since then is never stale.
    pub(crate) probe_started_at: Instant,
    pub(crate) deadline: Duration,
    pub(crate) timeout: Duration,
    /// `None`: results never become stale.
    pub(crate) max_age: Option<Duration>,
    /// `None`: without a report the status stays as it is.
    pub(crate) max_silence: Option<Duration>,
}

/// What a reader observes of one check.
#[derive(Debug, Clone)]
pub(crate) struct Observation {
    pub(crate) status: Status,
    pub(crate) reason: Option<Reason>,
    pub(crate) verdict: Option<Arc<Verdict>>,
    /// Time since the last run finished.
    pub(crate) age: Option<Duration>,
    /// The status was computed by this read and does not come from a finished run: a run is overdue, no report came, the check is
    /// skipped, or it has no runs.
    pub(crate) computed_at_read: bool,
    /// A check that it runs after is neither up nor degraded.
    pub(crate) skipped: bool,
    /// A failure makes the state of its kinds at most degraded, because other instances fail too or have not been asked yet.
    pub(crate) limited: bool,
}

impl Observation {
    /// Returns what publishing it needs.
    pub(crate) fn read_status(&self) -> ReadStatus {
        let Self { status, computed_at_read, limited, .. } = *self;
        ReadStatus { status, computed_at_read, limited }
    }

    /// Whether a run finished, and none is overdue.
    pub(crate) fn has_result(&self) -> bool {
        self.verdict.is_some() && !self.computed_at_read
    }

    /// Returns since when the status holds: since its run finished, since the end of its grace, or `now` where time alone changed it.
    pub(crate) fn changed_at(&self, now: Instant) -> Instant {
        let verdict = self.verdict.as_ref().filter(|verdict| !self.computed_at_read && verdict.status == self.status);
        verdict.map_or(now, |verdict| verdict.decided_at.min(now))
    }
}

/// What publishing the status of a check needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReadStatus {
    pub(crate) status: Status,
    /// See [`Observation::computed_at_read`].
    pub(crate) computed_at_read: bool,
    /// See [`Observation::limited`].
    pub(crate) limited: bool,
}

/// The measurements of one check that change with time.
#[derive(Debug, Clone, Copy, Default)]
#[cfg_attr(
    not(any(feature = "prometheus", feature = "metrics", feature = "opentelemetry")),
    expect(dead_code, reason = "only exporters read it")
)]
pub(crate) struct CheckTimings {
    /// Time since the last run finished, for results that become stale.
    pub(crate) age: Option<Duration>,
    /// A run is overdue.
    pub(crate) stuck: bool,
    /// Whether the check is skipped. `None` for a check that runs after none.
    pub(crate) skipped: Option<bool>,
    /// Age of the oldest worker heartbeat.
    pub(crate) worker_lag: Option<Duration>,
}

impl CheckState {
    pub(crate) fn is_stuck(&self, now: Instant, timeout: Duration) -> bool {
        self.in_flight.is_some_and(|run| run.is_overdue(now, timeout))
    }

    /// Whether the run in flight reached its timeout, although it may not be overdue yet: its timer and the reader's may fire at
    /// the same time.
    fn reached_timeout(&self, now: Instant, timeout: Duration) -> bool {
        self.in_flight.and_then(|run| run.started_at).is_some_and(|started_at| now >= started_at + timeout)
    }

    /// Whether a read finds the check skipped.
    pub(crate) fn is_skipped(&self, context: &ReadContext) -> bool {
        matches!(self.read(context), Reading::Skipped(_))
    }

    pub(crate) fn timings(&self, context: &ReadContext) -> CheckTimings {
        let ages = context.max_age.or(context.max_silence).is_some();
        let verdict = self.verdict.as_ref().filter(|_| ages && !self.frozen);
        let age = verdict.map(|verdict| context.now.saturating_duration_since(verdict.finished_at));
        CheckTimings { age, stuck: self.is_stuck(context.now, context.timeout), ..CheckTimings::default() }
    }

    /// Returns the status with what publishing it needs.
    pub(crate) fn status(&self, context: &ReadContext) -> ReadStatus {
        self.status_of(&self.read(context), context)
    }

    fn status_of(&self, reading: &Reading<'_>, context: &ReadContext) -> ReadStatus {
        let (status, computed_at_read) = reading.status();
        let limited = status == Status::Down && self.limited_until(context).is_some_and(|until| context.now < until);
        ReadStatus { status, computed_at_read, limited }
    }

    pub(crate) fn observe(&self, context: &ReadContext) -> Observation {
        let ReadContext { now, deadline, timeout, .. } = *context;
        let reading = self.read(context);
        let ReadStatus { status, computed_at_read, limited } = self.status_of(&reading, context);
        let verdict = match reading {
            Reading::Current(verdict) => Some(Arc::clone(verdict)),
            _ => self.verdict.clone(),
        };
        let skipped = matches!(reading, Reading::Skipped(_));
        let reason = match reading {
            Reading::Current(verdict) => verdict.reason.clone(),
            Reading::Overdue => {
                let started_at = self.in_flight.and_then(|run| run.started_at);
                let age = started_at.map_or(Duration::ZERO, |started_at| now.saturating_duration_since(started_at));
                Some(Reason::public(format!("still running after {}", format_elapsed(age))))
            }
            Reading::Silent(silence) => Some(Reason::public(format!("no report for {}", format_elapsed(silence)))),
            Reading::Skipped(text) => Some(Reason::public(text.to_string())),
            Reading::TimedOut => Some(timed_out(timeout)),
            Reading::NoResult => Some(Reason::public(format!("no result within {deadline:?}"))),
            Reading::Stale => Some(Reason::public("stale")),
            Reading::NotRun => Some(Reason::public("not run yet")),
        };
        let reason = match self.failure_cap.as_ref().and_then(|cap| cap.reason()).filter(|_| limited) {
            Some(limit) => reason.map(|reason| reason.behind(limit)),
            None => reason,
        };
        let age = self.verdict.as_ref().map(|verdict| now.saturating_duration_since(verdict.finished_at));
        Observation { status, reason, verdict, age, computed_at_read, skipped, limited }
    }

    /// Returns until when the failure is limited that a read at `context.now` finds.
    pub(crate) fn limited_until(&self, context: &ReadContext) -> Option<Instant> {
        let cap = self.failure_cap.as_ref()?;
        let timed_out_at = || self.in_flight.and_then(|run| run.started_at).map(|started_at| started_at + context.timeout);
        let failing_since = match self.read(context) {
            Reading::Current(verdict) => verdict.decided_at,
            Reading::Overdue | Reading::TimedOut => timed_out_at()?,
            Reading::Silent(_) | Reading::Skipped(_) | Reading::NoResult | Reading::Stale | Reading::NotRun => return None,
        };
        cap.limited_until(failing_since)
    }

    /// Returns when the check fails unless a report comes.
    pub(crate) fn silent_at(&self, max_silence: Option<Duration>) -> Option<Instant> {
        Some(self.last_report_at? + max_silence?)
    }

    fn read(&self, context: &ReadContext) -> Reading<'_> {
        let ReadContext { now, probe_started_at, deadline, timeout, max_age, max_silence } = *context;
        if !self.frozen && self.is_stuck(now, timeout) {
            return Reading::Overdue;
        }
        if let Some(silent_at) = self.silent_at(max_silence).filter(|silent_at| !self.frozen && now >= *silent_at) {
            return Reading::Silent(now.saturating_duration_since(silent_at) + max_silence.unwrap_or_default());
        }
        let deadline_passed = self.in_flight.is_some() && now.saturating_duration_since(probe_started_at) >= deadline;
        if let Some(text) = self.skipped.as_ref().filter(|_| !self.frozen) {
            return if deadline_passed { Reading::NoResult } else { Reading::Skipped(text) };
        }
        let current = self.verdict.as_ref().filter(|verdict| {
            self.frozen
                || verdict.finished_at >= probe_started_at
                || max_age.is_none_or(|max_age| now.saturating_duration_since(verdict.finished_at) <= max_age)
        });
        match (current, &self.verdict) {
            (Some(verdict), _) if self.frozen => Reading::Current(verdict),
            (Some(verdict), _) => Reading::Current(verdict.at(now)),
            (None, _) if deadline_passed && self.reached_timeout(now, timeout) => Reading::TimedOut,
            (None, _) if deadline_passed => Reading::NoResult,
            (None, Some(_)) => Reading::Stale,
            (None, None) => Reading::NotRun,
        }
    }
}

/// What a read of a check finds.
enum Reading<'s> {
    Current(&'s Arc<Verdict>),
    Overdue,
    /// No reporter has reported for this long.
    Silent(Duration),
    Skipped(&'s str),
    TimedOut,
    NoResult,
    Stale,
    NotRun,
}

impl Reading<'_> {
    /// Returns the status, and whether it is computed by this read.
    fn status(&self) -> (Status, bool) {
        match self {
            Self::Current(verdict) => (verdict.status, false),
            Self::Overdue | Self::Silent(_) => (Status::Down, true),
            Self::Skipped(_) => (Status::Unknown, true),
            Self::TimedOut => (Status::Down, false),
            Self::NoResult | Self::Stale | Self::NotRun => (Status::Unknown, false),
        }
    }
}
