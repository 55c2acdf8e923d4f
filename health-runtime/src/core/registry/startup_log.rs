//! What `start` logs.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::RegisteredCheck;
use crate::core::model::status::Kind;

/// Logs every check with its location, and warnings about what is probably a mistake.
pub(crate) fn log_registered_checks(checks: &[Arc<RegisteredCheck>], deadline: Duration) {
    tracing::info!(count = checks.len(), "registered health checks: {}", CheckList(checks));
    if checks.is_empty() {
        tracing::warn!(
            "no health check is in this program; name the crates that have checks, as in `health_runtime::link!(its_crate)`"
        );
    } else if !checks.iter().any(|check| check.kinds.has(Kind::Readiness)) {
        tracing::warn!(
            "no readiness check is in this program, so `/readyz` is always 200; add one with `#[health_check(readiness)]`"
        );
    }
    let on_demand = checks.iter().filter(|check| check.source.is_executable() && check.policy.interval.is_none());
    for check in on_demand.filter(|check| check.policy.timeout > deadline) {
        let timeout = check.policy.timeout;
        tracing::warn!(
            "{check} has a `timeout` of {timeout:?}, longer than the deadline of {deadline:?}, so a probe does not wait for it; add an `interval`"
        );
    }
    if cfg!(panic = "abort") {
        tracing::warn!("the program is built with `panic = \"abort\"`, so a check that panics ends the process");
    }
}

/// Formats the list only if the log line is enabled.
struct CheckList<'c>(&'c [Arc<RegisteredCheck>]);

impl fmt::Display for CheckList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, check) in self.0.iter().enumerate() {
            let separator = if i == 0 { "" } else { ", " };
            write!(f, "{separator}{} ({})", check.name, check.location)?;
        }
        Ok(())
    }
}
