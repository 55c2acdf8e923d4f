//! The time of the last sign of progress, in one atomic that is written and read without a lock.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::core::model::policy::MAX_DURATION;

const LIMITS: RangeInclusive<Duration> = Duration::from_millis(10)..=MAX_DURATION;

/// Returns what is wrong with the maximum time between two beats, as the rest of a sentence that starts with the check.
pub(crate) fn limit_problem(limit: Duration) -> Option<String> {
    (!LIMITS.contains(&limit)).then(|| format!("has a limit of {limit:?}; give one from 10ms to 24h"))
}

/// The time of the last beat. It never goes back, even where two threads beat in another order than they read the clock.
#[derive(Debug)]
pub(crate) struct LastBeat {
    base: Instant,
    /// In nanoseconds since `base`.
    beat_at: AtomicU64,
}

impl LastBeat {
    /// Creates it with a beat at `now`.
    pub(crate) fn new(now: Instant) -> Self {
        Self { base: now, beat_at: AtomicU64::new(0) }
    }

    pub(crate) fn beat(&self, now: Instant) {
        let nanoseconds = now.saturating_duration_since(self.base).as_nanos();
        self.beat_at.fetch_max(u64::try_from(nanoseconds).unwrap_or(u64::MAX), Ordering::AcqRel);
    }

    /// Returns the time since the last beat; zero where that is later than `now`.
    pub(crate) fn age(&self, now: Instant) -> Duration {
        let beat_at = Duration::from_nanos(self.beat_at.load(Ordering::Acquire));
        now.saturating_duration_since(self.base).saturating_sub(beat_at)
    }
}
