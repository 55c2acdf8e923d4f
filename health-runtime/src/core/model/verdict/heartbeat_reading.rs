//! The observation of the heartbeats of tasks, which have no runs.

use tokio::time::Instant;

use super::{Observation, Reason};
use crate::core::model::status::Status;

/// What a reader finds of the tasks of one check.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum HeartbeatReading {
    Unregistered,
    /// Every task makes progress. The first of them stalls at `stalls_at` unless it beats.
    Up {
        stalls_at: Instant,
    },
    Down {
        reason: String,
        /// Whether the reason changes with time alone.
        is_stalled: bool,
    },
}

impl From<HeartbeatReading> for Observation {
    fn from(reading: HeartbeatReading) -> Self {
        let (status, reason) = match reading {
            HeartbeatReading::Unregistered => (Status::Unknown, Some(Reason::public("not reported yet"))),
            HeartbeatReading::Up { .. } => (Status::Up, None),
            HeartbeatReading::Down { reason, .. } => (Status::Down, Some(Reason::public(reason))),
        };
        Self { status, reason, verdict: None, age: None, computed_at_read: true, skipped: false, limited: false }
    }
}
