//! Computes the seconds and counts of the three probes from the settings.

use std::time::Duration;

use super::probes::Probes;
use crate::core::model::policy::MAX_DURATION;
use crate::core::model::status::Kind;

/// The value that the examples of this crate set.
const DEFAULT_SHUTDOWN_TIMEOUT: u64 = 20;
const DEFAULT_STARTUP_BUDGET: Duration = Duration::from_secs(60);
const MIN_STARTUP_FAILURES: u64 = 3;

/// Seconds that a program has to exit after its server has stopped.
pub(super) const SHUTDOWN_MARGIN: u64 = 5;

impl Probes {
    /// Returns the first whole second above the deadline.
    pub(super) fn timeout_seconds(&self) -> u64 {
        self.summary.deadline.as_secs().saturating_add(1)
    }

    pub(super) fn shutdown_seconds(&self) -> u64 {
        self.shutdown_timeout.unwrap_or(DEFAULT_SHUTDOWN_TIMEOUT)
    }

    pub(super) fn grace_period_seconds(&self) -> u64 {
        rounded_up(self.summary.drain_delay + Duration::from_secs(self.shutdown_seconds())) + SHUTDOWN_MARGIN
    }

    /// Returns the startup budget and its origin.
    pub(super) fn budget_and_origin(&self) -> (Duration, &'static str) {
        let period = Duration::from_secs(self.period_seconds(Kind::Startup));
        let slowest = self.summary.checks(Kind::Startup).map(|check| check.max_settle_time(period)).max().unwrap_or_default();
        match self.startup_budget {
            Some(budget) => (budget, "configured"),
            None if slowest > DEFAULT_STARTUP_BUDGET => (slowest.min(MAX_DURATION), "required by the slowest startup check"),
            None => (DEFAULT_STARTUP_BUDGET, "the default"),
        }
    }

    /// Returns the seconds between two probes of a kind.
    pub(super) fn period_seconds(&self, kind: Kind) -> u64 {
        let default = match kind {
            Kind::Liveness => 10,
            Kind::Readiness => 5,
            Kind::Startup => 2,
        };
        self.periods.get(&kind).map_or(self.timeout_seconds().max(default), Duration::as_secs)
    }

    /// Returns the number of consecutive failures after which the kubelet acts.
    pub(super) fn failure_threshold(&self, kind: Kind) -> u64 {
        match kind {
            // Restarts are expensive, so a short stall must not cause one.
            Kind::Liveness => 3,
            // One slow response must not take a pod out of rotation.
            Kind::Readiness => 2,
            // The first failure is at the start of the budget, and each further one is a period later.
            Kind::Startup => {
                (rounded_up(self.budget_and_origin().0).div_ceil(self.period_seconds(kind)) + 1).max(MIN_STARTUP_FAILURES)
            }
        }
    }

    pub(super) fn timing_problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let (deadline, min) = (self.summary.deadline, self.timeout_seconds());
        for (key, length) in [
            ("deadline", deadline),
            ("drain_delay", self.summary.drain_delay),
            ("shutdown_timeout", Duration::from_secs(self.shutdown_seconds())),
            ("startup_budget", self.budget_and_origin().0),
        ] {
            if length > MAX_DURATION {
                problems.push(format!("`{key}` is {length:?}; the maximum is 86400s"));
            }
        }
        if self.startup_budget.is_some_and(|budget| budget.is_zero()) {
            problems.push("`startup_budget` is zero; use the duration of a slow start, such as 60s".to_owned());
        }
        for (kind, period) in &self.periods {
            let problem = if *period > MAX_DURATION {
                "; the maximum is 86400s".to_owned()
            } else if period.subsec_nanos() != 0 {
                format!(", but Kubernetes takes whole seconds; use {}s", rounded_up(*period))
            } else if period.as_secs() < min {
                format!(", but a response may take the deadline of {deadline:?}; use at least {min}s")
            } else {
                continue;
            };
            problems.push(format!("`period` of {kind} is {period:?}{problem}"));
        }
        problems
    }
}

/// Returns the length in seconds, rounded up.
fn rounded_up(length: Duration) -> u64 {
    length.as_secs() + u64::from(length.subsec_nanos() > 0)
}
