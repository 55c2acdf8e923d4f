//! The settings and checks of a started `Health` that a manifest may show.

use std::sync::Arc;
use std::time::Duration;

use crate::core::health::Health;
use crate::core::model::status::{Kind, Kinds};
use crate::core::registry::{RegisteredCheck, StatusSource};

#[derive(Debug, Clone)]
pub(super) struct HealthSummary {
    pub(super) deadline: Duration,
    pub(super) drain_delay: Duration,
    /// Sorted by name.
    checks: Vec<CheckSummary>,
}

/// One check, without its description.
#[derive(Debug, Clone)]
struct CheckSummary {
    kinds: Kinds,
    line: String,
    max_settle_time: Duration,
}

impl HealthSummary {
    pub(super) fn from_health(health: &Health) -> Self {
        let inner = health.inner();
        let deadline = inner.engine.deadline();
        let summarize = |check: &Arc<RegisteredCheck>| CheckSummary {
            kinds: check.kinds,
            line: line(check, deadline),
            max_settle_time: max_settle_time(check),
        };
        Self { deadline, drain_delay: inner.lifecycle.drain_delay(), checks: inner.engine.checks().map(summarize).collect() }
    }

    /// Returns one line for each check of a kind.
    pub(super) fn lines(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.checks.iter().filter(move |check| check.kinds.has(kind)).map(|check| check.line.as_str())
    }

    /// Returns how long the slowest startup check takes at most to pass once its condition is met.
    pub(super) fn max_startup_settle_time(&self) -> Duration {
        let startup = self.checks.iter().filter(|check| check.kinds.has(Kind::Startup));
        startup.map(|check| check.max_settle_time).max().unwrap_or_default()
    }

    #[cfg(test)]
    pub(super) fn without_checks(deadline: Duration, drain_delay: Duration) -> Self {
        Self { deadline, drain_delay, checks: Vec::new() }
    }
}

fn line(check: &RegisteredCheck, deadline: Duration) -> String {
    let (name, policy) = (&check.name, &check.policy);
    let critical = if policy.critical { "critical" } else { "not critical" };
    let timeout = policy.timeout;
    let runs = match (&check.source, policy.interval) {
        (StatusSource::Reported, None) => "reported by the application".to_owned(),
        (StatusSource::Reported, Some(interval)) => format!("reported by the application every {interval:?}"),
        (StatusSource::Workers(workers), _) => format!("down if no server worker has made progress within {:?}", workers.limit()),
        (_, Some(interval)) => format!("timeout {timeout:?}, in the background every {interval:?}"),
        (_, None) if timeout > deadline => {
            format!("timeout {timeout:?}, longer than the deadline: no probe waits for it; set an interval")
        }
        (_, None) => format!("timeout {timeout:?}"),
    };
    format!("{name}: {critical}, {runs}")
}

/// Returns the duration of one failed run and as many successful runs as the threshold requires.
fn max_settle_time(check: &RegisteredCheck) -> Duration {
    let policy = &check.policy;
    // The jitter of a schedule adds up to a tenth.
    let between = policy.interval.map_or(policy.cache, |interval| interval * 11 / 10);
    let runs = policy.success_threshold.saturating_add(1);
    match check.source {
        StatusSource::Reported | StatusSource::Workers(_) => Duration::ZERO,
        StatusSource::Linked(..) | StatusSource::Custom(_) => (between + policy.timeout).saturating_mul(runs),
    }
}
