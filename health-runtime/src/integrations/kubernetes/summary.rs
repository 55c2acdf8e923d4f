//! The settings and checks of a started `Health` that a manifest may show.

use std::time::Duration;

use crate::core::health::Health;
use crate::core::model::status::{Kind, Kinds};
use crate::core::registry::{RegisteredCheck, StatusSource};

#[derive(Debug, Clone)]
pub(super) struct HealthSummary {
    pub(super) deadline: Duration,
    pub(super) drain_delay: Duration,
    /// Sorted by name.
    pub(super) checks: Vec<CheckSummary>,
}

/// One check, without its description.
#[derive(Debug, Clone)]
pub(super) struct CheckSummary {
    kinds: Kinds,
    /// The comment of the check in the YAML.
    pub(super) line: String,
    /// How many runs it takes at most to pass once its condition is met.
    runs: u32,
    /// How long one of these runs takes at most, with the time until the next one may start.
    cycle: Duration,
    /// Whether a run starts only when a probe arrives.
    runs_on_probes: bool,
}

impl HealthSummary {
    pub(super) fn from_health(health: &Health) -> Self {
        let inner = health.inner();
        let deadline = inner.engine.deadline();
        let checks = inner.engine.checks().map(|check| CheckSummary::new(check, deadline)).collect();
        Self { deadline, drain_delay: inner.lifecycle.drain_delay(), checks }
    }

    pub(super) fn checks(&self, kind: Kind) -> impl Iterator<Item = &CheckSummary> {
        self.checks.iter().filter(move |check| check.kinds.has(kind))
    }
}

impl CheckSummary {
    fn new(check: &RegisteredCheck, deadline: Duration) -> Self {
        let (name, policy) = (&check.name, &check.policy);
        let (timeout, interval) = (policy.timeout, policy.interval);
        let runs = match (&check.source, interval) {
            (StatusSource::Reported, None) => "reported by the application".to_owned(),
            (StatusSource::Reported, Some(interval)) => format!("reported by the application every {interval:?}"),
            (StatusSource::Workers(workers), _) => {
                format!("down if no server worker has made progress within {:?}", workers.limit())
            }
            (StatusSource::Runtime(watch), _) => {
                format!("down if the runtime of the checks has made no progress within {:?}", watch.limit())
            }
            (StatusSource::Heartbeat(tasks), _) => format!("down if a task has made no progress within {:?}", tasks.limit()),
            (_, Some(interval)) => format!("timeout {timeout:?}, in the background every {interval:?}"),
            (_, None) if timeout > deadline => {
                format!("timeout {timeout:?}, longer than the deadline: no probe waits for it; set an interval")
            }
            (_, None) => format!("timeout {timeout:?}"),
        };
        let critical = if policy.critical { "critical" } else { "not critical" };
        let has_runs = check.source.is_executable();
        Self {
            kinds: check.kinds,
            line: format!("{name}: {critical}, {runs}"),
            // One failed run, and as many successful runs as the threshold requires.
            runs: if has_runs { policy.success_threshold.saturating_add(1) } else { 0 },
            // The jitter of a schedule adds up to a tenth.
            cycle: timeout + interval.map_or(policy.cache, |interval| interval * 11 / 10),
            runs_on_probes: interval.is_none(),
        }
    }

    /// Returns how long the check takes at most to pass once its condition is met, if it is probed every `period`.
    pub(super) fn max_settle_time(&self, period: Duration) -> Duration {
        let wait = if self.runs_on_probes { period } else { Duration::ZERO };
        self.cycle.saturating_add(wait).saturating_mul(self.runs)
    }
}
