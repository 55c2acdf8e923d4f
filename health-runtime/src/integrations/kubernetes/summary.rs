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
    /// How long the check takes at most to pass once its condition is met.
    pub(super) max_settle_time: Duration,
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
            (_, Some(interval)) => format!("timeout {timeout:?}, in the background every {interval:?}"),
            (_, None) if timeout > deadline => {
                format!("timeout {timeout:?}, longer than the deadline: no probe waits for it; set an interval")
            }
            (_, None) => format!("timeout {timeout:?}"),
        };
        // The jitter of a schedule adds up to a tenth.
        let between = interval.map_or(policy.cache, |interval| interval * 11 / 10);
        let max_settle_time = match check.source {
            StatusSource::Reported | StatusSource::Workers(_) => Duration::ZERO,
            // One failed run, and as many successful runs as the threshold requires.
            _ => (between + timeout).saturating_mul(policy.success_threshold.saturating_add(1)),
        };
        let critical = if policy.critical { "critical" } else { "not critical" };
        Self { kinds: check.kinds, line: format!("{name}: {critical}, {runs}"), max_settle_time }
    }
}
