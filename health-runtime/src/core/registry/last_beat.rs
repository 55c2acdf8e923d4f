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
        self.beat_at(self.time(now));
    }

    pub(crate) fn beat_at(&self, at: BeatTime) {
        self.beat_at.fetch_max(at.0, Ordering::AcqRel);
    }

    /// Returns the time since the last beat; zero where that is later than `now`.
    pub(crate) fn age(&self, now: Instant) -> Duration {
        Duration::from_nanos(self.age_in_nanoseconds(self.time(now)))
    }

    /// Whether the last beat is at least this old. Each beat asks it, so it divides nothing.
    pub(crate) fn is_older_than(&self, nanoseconds: u64, at: BeatTime) -> bool {
        self.age_in_nanoseconds(at) >= nanoseconds
    }

    /// Converts an instant once, for a beat and for the question how late it is.
    pub(crate) fn time(&self, now: Instant) -> BeatTime {
        let since = now.saturating_duration_since(self.base);
        // 64 bits hold 584 years.
        BeatTime(since.as_secs().wrapping_mul(1_000_000_000).wrapping_add(u64::from(since.subsec_nanos())))
    }

    fn age_in_nanoseconds(&self, at: BeatTime) -> u64 {
        at.0.saturating_sub(self.beat_at.load(Ordering::Acquire))
    }
}

/// A time in nanoseconds since the base of one [`LastBeat`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct BeatTime(u64);
