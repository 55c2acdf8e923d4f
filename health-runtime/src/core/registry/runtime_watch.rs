//! The runtime watch: a task on the runtime of the checks records a heartbeat, and a reader evaluates its age.

use std::time::Duration;

use tokio::time::Instant;

use super::last_beat::{LastBeat, limit_problem};
use super::worker_watch::{heartbeat_interval, is_late};
use crate::core::model::outcome::Outcome;
use crate::text::number::format_elapsed;

/// The heartbeat of the runtime and its maximum age.
#[derive(Debug)]
pub(crate) struct RuntimeWatch {
    limit: Duration,
    last_beat: LastBeat,
}

impl RuntimeWatch {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit, last_beat: LastBeat::new(Instant::now()) }
    }

    /// Returns what is wrong with the limit, as the rest of a sentence that starts with the check.
    pub(crate) fn problem(&self) -> Option<String> {
        limit_problem(self.limit)
    }

    #[cfg(any(feature = "kubernetes", feature = "page"))]
    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    /// Returns how often the runtime records a heartbeat: a few times within the limit.
    pub(crate) fn heartbeat_interval(&self) -> Duration {
        heartbeat_interval(self.limit)
    }

    pub(crate) fn beat(&self, now: Instant) {
        self.last_beat.beat(now);
    }

    /// Whether the heartbeat is older than the limit.
    pub(crate) fn is_late(&self, now: Instant) -> bool {
        is_late(self.last_beat.age(now), self.limit)
    }

    pub(crate) fn outcome(&self, now: Instant) -> Outcome {
        let lag = self.last_beat.age(now);
        let outcome = if is_late(lag, self.limit) {
            Outcome::down(format!("no progress for {}", format_elapsed(lag)))
        } else {
            Outcome::up()
        };
        outcome.with("lag_ms", u64::try_from(lag.as_millis()).unwrap_or(u64::MAX))
    }
}
