//! Counts since the start, for a scrape to read: atomics, read and written without a lock.

use std::array;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::catalog::{CODES, ENDPOINTS, probe_indices};
use crate::core::events::recorder::Recorder;
use crate::core::model::status::Scope;
use crate::core::model::verdict::RunResult;

/// The upper bounds of the buckets of a run's duration, in seconds. One more bucket has no bound.
pub(crate) const BUCKETS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

pub(crate) struct Counters {
    /// By the index of the check in the order of names.
    checks: Box<[CheckCounters]>,
    /// By the indices in [`ENDPOINTS`] and [`CODES`].
    probes: [[AtomicU64; CODES.len()]; ENDPOINTS.len()],
}

#[derive(Default)]
pub(crate) struct CheckCounters {
    runs: [AtomicU64; RunResult::ALL.len()],
    buckets: [AtomicU64; BUCKETS.len() + 1],
    nanoseconds: AtomicU64,
    /// In milliseconds since the Unix epoch; zero before the first success.
    last_success: AtomicU64,
}

/// The durations of the runs of a check, read at one moment.
pub(crate) struct HistogramSnapshot {
    pub(crate) sum: f64,
    pub(crate) count: u64,
    /// Upper bounds, and the number of runs between each bound and the previous one.
    pub(crate) buckets: [(f64, u64); BUCKETS.len() + 1],
}

impl Counters {
    pub(crate) fn new(checks: usize) -> Self {
        Self {
            checks: (0..checks).map(|_| CheckCounters::default()).collect(),
            probes: array::from_fn(|_| array::from_fn(|_| AtomicU64::new(0))),
        }
    }

    pub(crate) fn check(&self, index: usize) -> Option<&CheckCounters> {
        self.checks.get(index)
    }

    /// Returns the number of responses of an endpoint with a code, by their indices.
    pub(crate) fn probes(&self, endpoint: usize, code: usize) -> u64 {
        get(&self.probes[endpoint][code])
    }
}

impl Recorder for Counters {
    fn run_finished(&self, index: usize, result: RunResult, duration: Option<Duration>) {
        let Some(check) = self.check(index) else { return };
        add(&check.runs[result as usize], 1);
        if let Some(duration) = duration {
            let bucket = BUCKETS.iter().position(|bound| duration.as_secs_f64() <= *bound);
            add(&check.nanoseconds, u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX));
            add(&check.buckets[bucket.unwrap_or(BUCKETS.len())], 1);
        }
        self.status_reported(index, result);
    }

    fn status_reported(&self, index: usize, result: RunResult) {
        let Some(check) = self.check(index).filter(|_| result.is_good()) else { return };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        check.last_success.store(u64::try_from(now.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn probe_answered(&self, scope: Scope, status_code: u16) {
        let (endpoint, code) = probe_indices(scope, status_code);
        add(&self.probes[endpoint][code], 1);
    }
}

impl CheckCounters {
    pub(crate) fn runs(&self, result: RunResult) -> u64 {
        get(&self.runs[result as usize])
    }

    pub(crate) fn durations(&self) -> HistogramSnapshot {
        let bounds = BUCKETS.into_iter().chain([f64::INFINITY]);
        let mut counts = bounds.zip(&self.buckets).map(|(bound, count)| (bound, get(count)));
        let buckets = array::from_fn(|_| counts.next().unwrap_or_default());
        // The sum of these buckets: a separate counter would not match the last bucket while a run finishes.
        let count = buckets.iter().map(|(_, count)| count).sum();
        let sum = Duration::from_nanos(get(&self.nanoseconds)).as_secs_f64();
        HistogramSnapshot { sum, count, buckets }
    }

    /// Returns the time of the last success in seconds since the Unix epoch.
    pub(crate) fn last_success(&self) -> Option<f64> {
        let milliseconds = get(&self.last_success);
        (milliseconds > 0).then(|| Duration::from_millis(milliseconds).as_secs_f64())
    }
}

fn add(counter: &AtomicU64, n: u64) {
    counter.fetch_add(n, Ordering::Relaxed);
}

fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::model::status::Kind;

    #[test]
    fn a_duration_counts_in_the_bucket_whose_bound_it_does_not_exceed() {
        let counters = Counters::new(1);
        for millis in [0, 1, 2, 1_000, 1_001, 3_600_000] {
            counters.run_finished(0, RunResult::Up, Some(Duration::from_millis(millis)));
        }
        let durations = counters.check(0).unwrap().durations();
        let filled: Vec<_> = durations.buckets.into_iter().filter(|(_, count)| *count > 0).collect();
        assert_eq!(filled, [(0.001, 2), (0.0025, 1), (1.0, 1), (2.5, 1), (f64::INFINITY, 1)]);
        assert_eq!(durations.count, 6);
        assert!((durations.sum - 3602.004).abs() < 1e-9, "{}", durations.sum);
    }

    #[test]
    fn a_run_that_never_started_has_no_duration() {
        let counters = Counters::new(1);
        counters.run_finished(0, RunResult::RuntimeStopped, None);
        let check = counters.check(0).unwrap();
        assert_eq!((check.runs(RunResult::RuntimeStopped), check.durations().count), (1, 0));
        assert_eq!(check.last_success(), None);
    }

    #[test]
    fn an_unlisted_status_code_counts_as_other() {
        let counters = Counters::new(0);
        counters.probe_answered(Scope::Kind(Kind::Readiness), 418);
        counters.probe_answered(Scope::Kind(Kind::Readiness), 503);
        let (endpoint, _) = probe_indices(Scope::Kind(Kind::Readiness), 418);
        let counts = array::from_fn(|code| counters.probes(endpoint, code));
        assert_eq!(counts, [0, 1, 0, 0, 0, 0, 1]);
    }

    #[test]
    fn out_of_range_index_is_ignored() {
        Counters::new(0).run_finished(7, RunResult::Up, None);
    }
}
