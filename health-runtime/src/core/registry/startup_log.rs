//! What `start` says to the log.

use std::fmt;
use std::time::Duration;

use crate::core::model::status::Kind;
use crate::core::registry::Registered;

/// What was found and where, and what looks wrong without being an error.
pub(crate) fn announce(checks: &[Registered], deadline: Duration) {
    tracing::info!(count = checks.len(), "health checks found: {}", Found(checks));
    if checks.is_empty() {
        tracing::warn!(
            "health found no check in this program; name the crates that have them, as in `health_runtime::link!(cache)`"
        );
    } else if !checks.iter().any(|check| check.kinds.has(Kind::Readiness)) {
        tracing::warn!(
            "health found no readiness check, so `/readyz` is 200 whatever happens; make one with `#[health_check(readiness)]`"
        );
    }
    let is_waited_for = |check: &&Registered| check.runner.has_runs() && check.policy.interval.is_none();
    for check in checks.iter().filter(is_waited_for).filter(|check| check.policy.timeout > deadline) {
        let timeout = check.policy.timeout;
        tracing::warn!(
            "{check} has a `timeout` of {timeout:?}, longer than the deadline of {deadline:?}, so a probe does not wait for it; give it an `interval`"
        );
    }
    if cfg!(panic = "abort") {
        tracing::warn!("health is built with `panic = \"abort\"`, so a check that panics ends the process");
    }
}

/// The list is written only where somebody reads it.
struct Found<'c>(&'c [Registered]);

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, check) in self.0.iter().enumerate() {
            let separator = if i == 0 { "" } else { ", " };
            write!(f, "{separator}{} ({})", check.name, check.place)?;
        }
        Ok(())
    }
}
