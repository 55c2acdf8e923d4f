//! Computes the seconds and counts of the three probes from the settings.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::core::model::policy::MAX_DURATION;
use crate::core::model::status::Kind;

const DEFAULT_STARTUP_BUDGET: Duration = Duration::from_secs(60);

/// Seconds for the work of a program after its server has stopped.
pub(super) const SHUTDOWN_MARGIN: u64 = 5;

/// Restarts are expensive, so a short stall must not cause one.
const LIVENESS_FAILURES: u64 = 3;

/// One slow response must not take a pod out of rotation.
const READINESS_FAILURES: u64 = 2;

/// The settings from which the timings are computed.
#[derive(Debug)]
pub(super) struct TimingInputs {
    pub(super) deadline: Duration,
    pub(super) drain_delay: Duration,
    /// In seconds, the unit of actix-web.
    pub(super) shutdown_timeout: u64,
    pub(super) startup_budget: Option<Duration>,
    /// How long the slowest startup check takes at most.
    pub(super) max_startup_settle_time: Duration,
    pub(super) periods: BTreeMap<Kind, Duration>,
}

/// The values of the probes, as seconds and counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProbeTimings {
    pub(super) timeout: u64,
    pub(super) liveness: ProbeTiming,
    pub(super) readiness: ProbeTiming,
    pub(super) startup: ProbeTiming,
    pub(super) startup_budget: Duration,
    /// The origin of `startup_budget`.
    pub(super) budget_origin: &'static str,
    pub(super) grace_period: u64,
}

/// The seconds between two probes of one path, and the number of consecutive failures that count as a failure.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProbeTiming {
    pub(super) period: u64,
    pub(super) failures: u64,
}

impl ProbeTiming {
    /// Returns how many seconds the probe fails before the kubelet acts.
    pub(super) fn total(self) -> u64 {
        self.period * self.failures
    }
}

impl ProbeTimings {
    pub(super) fn new(inputs: &TimingInputs) -> Result<Self, Vec<String>> {
        let problems = inputs.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        let timeout = inputs.timeout();
        let period = |kind| inputs.periods.get(&kind).map_or_else(|| default_period(kind).max(timeout), Duration::as_secs);
        let startup_budget = inputs.startup_budget();
        let startup = period(Kind::Startup);
        let shutdown = inputs.drain_delay + Duration::from_secs(inputs.shutdown_timeout);
        Ok(Self {
            timeout,
            liveness: ProbeTiming { period: period(Kind::Liveness), failures: LIVENESS_FAILURES },
            readiness: ProbeTiming { period: period(Kind::Readiness), failures: READINESS_FAILURES },
            startup: ProbeTiming {
                period: startup,
                failures: rounded_up(startup_budget).div_ceil(startup).max(LIVENESS_FAILURES),
            },
            startup_budget,
            budget_origin: inputs.budget_origin(),
            grace_period: rounded_up(shutdown) + SHUTDOWN_MARGIN,
        })
    }
}

impl TimingInputs {
    /// Returns the first whole second above the deadline.
    fn timeout(&self) -> u64 {
        self.deadline.as_secs().saturating_add(1)
    }

    fn startup_budget(&self) -> Duration {
        self.startup_budget.unwrap_or_else(|| self.max_startup_settle_time.clamp(DEFAULT_STARTUP_BUDGET, MAX_DURATION))
    }

    fn budget_origin(&self) -> &'static str {
        if self.startup_budget.is_some() {
            "configured"
        } else if self.max_startup_settle_time > DEFAULT_STARTUP_BUDGET {
            "required by the slowest startup check"
        } else {
            "the default"
        }
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let lengths = [
            ("deadline", self.deadline),
            ("drain_delay", self.drain_delay),
            ("shutdown_timeout", Duration::from_secs(self.shutdown_timeout)),
            ("startup_budget", self.startup_budget()),
        ];
        for (key, length) in lengths.into_iter().filter(|(_, length)| *length > MAX_DURATION) {
            problems.push(format!("`{key}` is {length:?}; the maximum is 86400s"));
        }
        if self.startup_budget.is_some_and(|budget| budget.is_zero()) {
            problems.push("`startup_budget` is zero; use the duration of a slow start, such as 60s".to_owned());
        }
        problems.extend(self.periods.iter().filter_map(|(kind, period)| self.period_problem(*kind, *period)));
        problems
    }

    fn period_problem(&self, kind: Kind, period: Duration) -> Option<String> {
        let (min, deadline) = (self.timeout(), self.deadline);
        if period > MAX_DURATION {
            Some(format!("`period` of {kind} is {period:?}; the maximum is 86400s"))
        } else if period.subsec_nanos() != 0 {
            Some(format!("`period` of {kind} is {period:?}, but Kubernetes takes whole seconds; use {}s", rounded_up(period)))
        } else if period.as_secs() < min {
            Some(format!(
                "`period` of {kind} is {period:?}, but a response may take the deadline of {deadline:?}; use at least {min}s"
            ))
        } else {
            None
        }
    }
}

fn default_period(kind: Kind) -> u64 {
    match kind {
        Kind::Liveness => 10,
        Kind::Readiness => 5,
        Kind::Startup => 2,
    }
}

/// Returns the length in seconds, rounded up.
fn rounded_up(length: Duration) -> u64 {
    length.as_secs() + u64::from(length.subsec_nanos() > 0)
}
