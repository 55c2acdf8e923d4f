//! Warns about slow runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use crate::core::events::notifier;

/// How many runs in a row must be fast until a slow one is logged again: at first, and at most. The number doubles with each
/// warning, so that a check that is slow now and then does not fill the log.
const FIRST_FAST_RUNS: u8 = 2;
const MAX_FAST_RUNS: u8 = 64;

/// Remembers whether a slow run of a check was logged.
#[derive(Default)]
pub(super) struct SlowRuns {
    /// How many more fast runs there must be until a slow one is logged.
    missing: AtomicU8,
    /// How many fast runs in a row are required after the last warning.
    required: AtomicU8,
}

impl SlowRuns {
    /// Queues a log line about a run that took more than half of its timeout, or held its thread for as long.
    pub(super) fn warn(&self, name: &Arc<str>, duration: Duration, longest_poll: Duration, timeout: Duration) {
        let blocked = longest_poll > timeout / 2;
        if !self.is_news(blocked || duration > timeout / 2) {
            return;
        }
        let name = Arc::clone(name);
        let [took_ms, blocked_ms, limit_ms] = [duration, longest_poll, timeout].map(milliseconds);
        notifier::enqueue_log(move || {
            if blocked {
                tracing::warn!(
                    check = &*name,
                    blocked_ms,
                    limit_ms,
                    "health check blocked its thread, which delays every other task on it; await instead of blocking, or make it a plain `fn`"
                );
            } else {
                tracing::warn!(check = &*name, took_ms, limit_ms, "health check took more than half its timeout");
            }
        });
    }

    /// Runs of one check do not overlap, so no run is counted twice.
    fn is_news(&self, is_slow: bool) -> bool {
        let missing = self.missing.load(Ordering::Relaxed);
        if !is_slow {
            if missing > 0 {
                self.missing.store(missing - 1, Ordering::Relaxed);
            }
            return false;
        }
        let mut required = self.required.load(Ordering::Relaxed);
        if missing == 0 {
            required = required.saturating_mul(2).clamp(FIRST_FAST_RUNS, MAX_FAST_RUNS);
            self.required.store(required, Ordering::Relaxed);
        }
        self.missing.store(required, Ordering::Relaxed);
        missing == 0
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_warning_doubles_the_fast_runs_until_the_next() {
        let runs = SlowRuns::default();
        assert!(!runs.is_news(false) && runs.is_news(true), "the first slow run");
        for _ in 0..50 {
            assert!(!runs.is_news(false) && !runs.is_news(true), "every second run is slow");
        }
        for required in [2, 4, 8, 16, 32, 64, 64] {
            for _ in 1..required {
                assert!(!runs.is_news(false));
            }
            assert!(!runs.is_news(true), "one fast run less than {required}");
            for _ in 0..required {
                assert!(!runs.is_news(false));
            }
            assert!(runs.is_news(true), "{required} fast runs");
        }
    }
}
