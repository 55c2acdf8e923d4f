//! What `start` logs.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::RegisteredCheck;
use crate::core::model::sort::sort_by;
use crate::core::model::status::Kind;

/// Logs every check with its location, and warnings about what is probably a mistake.
pub(crate) fn log_registered_checks(checks: &[Arc<RegisteredCheck>], deadline: Duration, has_peers: bool) {
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
    for check in checks.iter().filter(|check| check.policy.shared && !has_peers) {
        tracing::warn!("{check} has `shared`, which has no effect without peers; add `.peers(Peers::dns(\"name:port\"))`");
    }
    warn_of_long_chains(checks, deadline);
    #[cfg(feature = "grpc")]
    for check in checks.iter().filter(|check| ["liveness", "readiness", "startup", "health"].contains(&&*check.name)) {
        tracing::warn!("{check} has the name of a scope, so gRPC health checks of `{}` report that scope; rename it", check.name);
    }
    if cfg!(panic = "abort") {
        tracing::warn!("the program is built with `panic = \"abort\"`, so a check that panics ends the process");
    }
}

/// Warns where a probe does not wait for the last check of a chain.
fn warn_of_long_chains(checks: &[Arc<RegisteredCheck>], deadline: Duration) {
    let mut by_depth: Vec<usize> = (0..checks.len()).collect();
    let depth = |index: &usize| checks.get(*index).map(|check| check.dependencies().depth);
    sort_by(&mut by_depth, |a, b| depth(a).cmp(&depth(b)));
    let mut totals = vec![Duration::ZERO; checks.len()];
    for index in by_depth {
        // A probe waits for no run in the background.
        let Some(check) = checks.get(index).filter(|check| check.policy.interval.is_none()) else { continue };
        let slowest =
            check.dependencies().parents.iter().filter_map(|parent| totals.get(*parent)).max().copied().unwrap_or_default();
        let total = slowest + check.policy.timeout;
        if let Some(place) = totals.get_mut(index) {
            *place = total;
        }
        if total > deadline && slowest > Duration::ZERO && slowest <= deadline {
            tracing::warn!(
                "{check} runs after others, and the timeouts of this chain are {total:?}, longer than the deadline of \
                 {deadline:?}, so a probe may not wait for it; shorten them, or add an `interval`"
            );
        }
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
