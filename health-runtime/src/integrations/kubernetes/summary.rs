//! What a started `Health` knows of itself, as far as a manifest may show it.

use std::sync::Arc;
use std::time::Duration;

use crate::core::health::Health;
use crate::core::model::status::{Kind, Kinds};
use crate::core::registry::{RegisteredCheck, StatusSource};

#[derive(Debug, Clone)]
pub(super) struct Declared {
    pub(super) deadline: Duration,
    pub(super) drain_delay: Duration,
    /// In the order of their names.
    checks: Vec<Known>,
}

/// One check, without anything that its author wrote for readers.
#[derive(Debug, Clone)]
struct Known {
    kinds: Kinds,
    line: String,
    settles_within: Duration,
}

impl Declared {
    pub(super) fn by(health: &Health) -> Self {
        let inner = health.inner();
        let deadline = inner.engine.deadline();
        let known = |check: &Arc<RegisteredCheck>| Known {
            kinds: check.kinds,
            line: line(check, deadline),
            settles_within: settles_within(check),
        };
        Self { deadline, drain_delay: inner.lifecycle.drain_delay(), checks: inner.engine.checks().map(known).collect() }
    }

    /// A line for each check of a kind.
    pub(super) fn lines(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.checks.iter().filter(move |check| check.kinds.has(kind)).map(|check| check.line.as_str())
    }

    /// How long the slowest startup check needs to see that what it waits for has come.
    pub(super) fn startup_settles_within(&self) -> Duration {
        let startup = self.checks.iter().filter(|check| check.kinds.has(Kind::Startup));
        startup.map(|check| check.settles_within).max().unwrap_or_default()
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
        (StatusSource::Workers(workers), _) => {
            format!("down when no worker of the server has turned within {:?}", workers.limit())
        }
        (_, Some(interval)) => format!("timeout {timeout:?}, in the background every {interval:?}"),
        (_, None) if timeout > deadline => {
            format!("timeout {timeout:?}, above the deadline: no probe waits for it; give it an interval")
        }
        (_, None) => format!("timeout {timeout:?}"),
    };
    format!("{name}: {critical}, {runs}")
}

/// One run that fails, and then as many good ones as it takes.
fn settles_within(check: &RegisteredCheck) -> Duration {
    let policy = &check.policy;
    // A schedule is late by up to a tenth.
    let between = policy.interval.map_or(policy.cache, |interval| interval * 11 / 10);
    let runs = policy.success_threshold.saturating_add(1);
    match check.source {
        StatusSource::Reported | StatusSource::Workers(_) => Duration::ZERO,
        StatusSource::Linked(..) | StatusSource::Custom(_) => (between + policy.timeout).saturating_mul(runs),
    }
}
