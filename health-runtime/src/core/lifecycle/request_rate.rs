//! The rate of the application's requests, for the load metrics of a response.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// The time over which requests are counted.
const WINDOW: Duration = Duration::from_secs(10);

/// Counts requests in windows. Of concurrent calls around the end of a window, one may count for the other window.
pub(crate) struct RequestRate {
    started_at: Instant,
    /// The number of the current window.
    window: AtomicU64,
    current: AtomicU64,
    /// How many requests the last window had.
    last: AtomicU64,
}

impl RequestRate {
    pub(super) fn new() -> Self {
        let [window, current, last] = [0; 3].map(AtomicU64::new);
        Self { started_at: Instant::now(), window, current, last }
    }

    /// Counts a request at `now`. Returns the requests per second of the last whole window.
    pub(crate) fn count(&self, now: Instant) -> f64 {
        let window = now.saturating_duration_since(self.started_at).as_secs() / WINDOW.as_secs();
        let previous = self.window.fetch_max(window, Ordering::AcqRel);
        if previous < window {
            let finished = self.current.swap(0, Ordering::AcqRel);
            self.last.store(if window - previous == 1 { finished } else { 0 }, Ordering::Release);
        }
        self.current.fetch_add(1, Ordering::AcqRel);
        let last = u32::try_from(self.last.load(Ordering::Acquire)).unwrap_or(u32::MAX);
        f64::from(last) / WINDOW.as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_rate_is_that_of_the_last_whole_window() {
        let rate = RequestRate::new();
        let at = |tenths: u32| rate.started_at + Duration::from_millis(100) * tenths;
        for (tenths, expected) in [(0, 0.0), (50, 0.0), (99, 0.0), (100, 0.3), (150, 0.3), (200, 0.2), (400, 0.0), (500, 0.1)] {
            let counted = rate.count(at(tenths));
            assert!((counted - expected).abs() < 1e-9, "{tenths}: {counted}");
        }
    }
}
