//! From the runs of a check to what is said of it: thresholds when a run ends, age when somebody reads.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::core::model::outcome::Detail;
use crate::core::model::status::Status;
use run_outcome::timed_out;
pub(crate) use run_outcome::{End, Finished, RunResult};

/// How long past its limit a run may still be on its way to say so itself. Only a run that blocks its thread is later.
pub(crate) const GRACE: Duration = Duration::from_millis(25);

/// Why a check is not up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Why {
    /// For every reader: the author's reason, masked, or a phrase from a fixed list.
    pub(crate) public: Cow<'static, str>,
    /// The whole chain of an error, masked, where there is one.
    pub(crate) chain: Option<String>,
}

impl Why {
    pub(crate) fn public(text: impl Into<Cow<'static, str>>) -> Self {
        Self { public: text.into(), chain: None }
    }
}

/// What the runs so far say.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// Up, degraded or down; unknown is a matter of reading.
    pub(crate) status: Status,
    pub(crate) why: Option<Why>,
    pub(crate) details: Vec<Detail>,
    pub(crate) took: Option<Duration>,
    pub(crate) ended: Instant,
    /// Good and failed runs in a row; one of the two is zero.
    pub(crate) successes: u32,
    pub(crate) failures: u32,
}

/// How many runs in a row turn a check.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Thresholds {
    pub(crate) failure: u32,
    pub(crate) success: u32,
}

impl Verdict {
    /// The verdict after one more run. `told_down`: readers were told already that the check is down, because this run was past
    /// its limit and could not be cut off.
    pub(crate) fn after(previous: Option<&Self>, run: Finished, told_down: bool, thresholds: Thresholds) -> Self {
        let good = run.result.status() != Status::Down;
        let (successes, failures) = previous.map_or((0, 0), |last| (last.successes, last.failures));
        let (successes, failures) = if good { (successes.saturating_add(1), 0) } else { (0, failures.saturating_add(1)) };
        // A failed run below the threshold takes back nothing that readers have seen, and no run brings back a runtime.
        let decides = run.result == RunResult::RuntimeStopped || told_down && !good;
        let held = previous.filter(|last| {
            let was_good = last.status != Status::Down;
            (was_good && !good && failures < thresholds.failure && !decides)
                || (!was_good && good && successes < thresholds.success)
        });
        Self::of(held, run, successes, failures)
    }

    /// The verdict by what other reporters say, after one has taken its word back. That is no run: it counts for no threshold,
    /// and what a threshold holds up it still holds up.
    pub(crate) fn without_a_word(previous: Option<&Self>, rest: Finished) -> Self {
        let fails = rest.result.status() == Status::Down;
        let held = previous.filter(|last| fails && last.status != Status::Down);
        let (successes, failures) = previous.map_or((0, 0), |last| (last.successes, last.failures));
        let (successes, failures) = if fails { (0, failures) } else { (successes, 0) };
        Self::of(held, rest, successes, failures)
    }

    /// What this run says, or what was said before where that is `held`.
    fn of(held: Option<&Self>, run: Finished, successes: u32, failures: u32) -> Self {
        let Finished { result, why, details, took, ended } = run;
        match held {
            Some(last) => Self {
                status: last.status,
                why: last.why.clone(),
                details: last.details.clone(),
                took,
                ended,
                successes,
                failures,
            },
            None => Self { status: result.status(), why, details, took, ended, successes, failures },
        }
    }
}

/// Where a check stands: its verdict so far, and the run under way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing {
    pub(crate) verdict: Option<Arc<Verdict>>,
    pub(crate) flight: Option<Flight>,
    /// Runs that ended.
    pub(crate) runs: u64,
    /// The verdict stays as it is for good, and never grows old.
    pub(crate) settled: bool,
}

/// A run under way.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Flight {
    /// When it began to run; `None` while its runtime has not come to it, which is not the check's fault.
    pub(crate) since: Option<Instant>,
    /// Past its limit for sure: what runs cannot be cut off.
    pub(crate) overdue: bool,
}

impl Flight {
    /// From here on it is overdue, unless it ends before.
    pub(crate) fn limit(&self, timeout: Duration) -> Option<Instant> {
        self.since.map(|since| since + timeout + GRACE)
    }

    pub(crate) fn is_overdue(&self, now: Instant, timeout: Duration) -> bool {
        self.overdue || self.limit(timeout).is_some_and(|limit| now >= limit)
    }
}

/// What holds for a reader of one check.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) now: Instant,
    /// When this probe began; a run that ended since is never stale.
    pub(crate) asked: Instant,
    pub(crate) deadline: Duration,
    pub(crate) timeout: Duration,
    /// `None`: results of this check never grow old.
    pub(crate) age_limit: Option<Duration>,
}

/// What a reader sees of one check.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) status: Status,
    pub(crate) why: Option<Why>,
    /// The last run that ended, with its latency, details and counts.
    pub(crate) verdict: Option<Arc<Verdict>>,
    pub(crate) age: Option<Duration>,
    /// It was found by looking, and no run that ended stands behind it: a run is stuck, or there are none.
    pub(crate) by_sight: bool,
}

/// What time makes of a standing, for those who measure.
#[derive(Debug, Clone, Copy, Default)]
#[cfg_attr(not(any(feature = "prometheus", feature = "metrics")), expect(dead_code, reason = "nobody measures"))]
pub(crate) struct Pulse {
    /// Since the last run ended, where results grow old.
    pub(crate) age: Option<Duration>,
    /// A run is past its limit and cannot be cut off.
    pub(crate) stuck: bool,
    /// Of the worker that turned longest ago.
    pub(crate) lag: Option<Duration>,
}

impl Seen {
    /// Since when it is so, seen at `now`: since the run that says so ended, or from now on where time alone has made it.
    pub(crate) fn since(&self, now: Instant) -> Instant {
        let verdict = self.verdict.as_ref().filter(|verdict| !self.by_sight && verdict.status == self.status);
        verdict.map_or(now, |verdict| verdict.ended.min(now))
    }
}

impl Standing {
    /// A run has come to its limit and has not said so yet: its timer and the reader's may go off together.
    fn is_at_its_limit(&self, now: Instant, timeout: Duration) -> bool {
        self.flight.and_then(|flight| flight.since).is_some_and(|since| now >= since + timeout)
    }

    pub(crate) fn is_stuck(&self, now: Instant, timeout: Duration) -> bool {
        self.flight.is_some_and(|flight| flight.is_overdue(now, timeout))
    }

    pub(crate) fn pulse(&self, reading: &Reading) -> Pulse {
        let ages = reading.age_limit.is_some() && !self.settled;
        let verdict = self.verdict.as_ref().filter(|_| ages);
        let age = verdict.map(|verdict| reading.now.saturating_duration_since(verdict.ended));
        Pulse { age, stuck: self.is_stuck(reading.now, reading.timeout), lag: None }
    }

    pub(crate) fn seen(&self, reading: &Reading) -> Seen {
        let Reading { now, asked, deadline, timeout, age_limit } = *reading;
        let age = self.verdict.as_ref().map(|verdict| now.saturating_duration_since(verdict.ended));
        let judged = |status, why| Seen { status, why, verdict: self.verdict.clone(), age, by_sight: false };
        let unknown = |why: Cow<'static, str>| judged(Status::Unknown, Some(Why::public(why)));

        if let Some(flight) = self.flight.filter(|flight| !self.settled && flight.is_overdue(now, timeout)) {
            let seconds = flight.since.map_or(0, |since| now.saturating_duration_since(since).as_secs());
            let why = Why::public(format!("still running after {seconds}s"));
            return Seen { by_sight: true, ..judged(Status::Down, Some(why)) };
        }
        let waited = self.flight.is_some() && now.saturating_duration_since(asked) >= deadline;
        let counts = self.verdict.as_ref().filter(|verdict| {
            self.settled
                || verdict.ended >= asked
                || age_limit.is_none_or(|limit| now.saturating_duration_since(verdict.ended) <= limit)
        });
        match (counts, &self.verdict) {
            (Some(verdict), _) => judged(verdict.status, verdict.why.clone()),
            (None, _) if waited && self.is_at_its_limit(now, timeout) => judged(Status::Down, Some(timed_out(timeout))),
            (None, _) if waited => unknown(format!("no result within {deadline:?}").into()),
            (None, Some(_)) => unknown("stale".into()),
            (None, None) => unknown("not run yet".into()),
        }
    }
}

#[cfg(test)]
mod reference_model;
mod run_outcome;
mod worker_observation;
