//! What was counted since the start, for a scrape to read: atomics, which nobody ever waits for.

use std::array;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::catalog::{CODES, ENDPOINTS, probe_slots};
use crate::core::model::status::Scope;
use crate::core::model::verdict::RunResult;

/// The upper bounds of the buckets of a run's duration, in seconds. One more is open above.
pub(crate) const BUCKETS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

pub(crate) struct Tally {
    /// By the places of the checks in the order of names.
    checks: Box<[CheckTally]>,
    /// By the places in [`ENDPOINTS`] and [`CODES`].
    probes: [[AtomicU64; CODES.len()]; ENDPOINTS.len()],
}

#[derive(Default)]
pub(crate) struct CheckTally {
    runs: [AtomicU64; RunResult::ALL.len()],
    buckets: [AtomicU64; BUCKETS.len() + 1],
    nanoseconds: AtomicU64,
    /// In milliseconds since the Unix epoch; zero is never.
    last_success: AtomicU64,
}

/// The durations of the runs of a check, as they are read in one go.
pub(crate) struct Durations {
    pub(crate) sum: f64,
    pub(crate) count: u64,
    /// Upper bounds, and how many runs lie between each and the one before.
    pub(crate) buckets: [(f64, u64); BUCKETS.len() + 1],
}

impl Tally {
    pub(crate) fn new(checks: usize) -> Self {
        Self {
            checks: (0..checks).map(|_| CheckTally::default()).collect(),
            probes: array::from_fn(|_| array::from_fn(|_| AtomicU64::new(0))),
        }
    }

    pub(crate) fn ran(&self, index: usize, result: RunResult, took: Option<Duration>) {
        let Some(check) = self.check(index) else { return };
        add(&check.runs[result as usize], 1);
        if let Some(took) = took {
            let bucket = BUCKETS.iter().position(|bound| took.as_secs_f64() <= *bound);
            add(&check.nanoseconds, u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
            add(&check.buckets[bucket.unwrap_or(BUCKETS.len())], 1);
        }
        self.reported(index, result);
    }

    pub(crate) fn reported(&self, index: usize, result: RunResult) {
        let Some(check) = self.check(index).filter(|_| result.is_good()) else { return };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        check.last_success.store(u64::try_from(now.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(crate) fn probed(&self, scope: Scope, code: u16) {
        let (endpoint, code) = probe_slots(scope, code);
        add(&self.probes[endpoint][code], 1);
    }

    pub(crate) fn check(&self, index: usize) -> Option<&CheckTally> {
        self.checks.get(index)
    }

    /// How many answers of a code an endpoint has given, by their places.
    pub(crate) fn probes(&self, endpoint: usize, code: usize) -> u64 {
        read(&self.probes[endpoint][code])
    }
}

impl CheckTally {
    pub(crate) fn runs(&self, result: RunResult) -> u64 {
        read(&self.runs[result as usize])
    }

    pub(crate) fn durations(&self) -> Durations {
        let bounds = BUCKETS.into_iter().chain([f64::INFINITY]);
        let mut read = bounds.zip(&self.buckets).map(|(bound, count)| (bound, read(count)));
        let buckets = array::from_fn(|_| read.next().unwrap_or_default());
        // The count is that of these very buckets, or it would not match the last of them while a run ends.
        let count = buckets.iter().map(|(_, count)| count).sum();
        let sum = Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed)).as_secs_f64();
        Durations { sum, count, buckets }
    }

    /// In seconds since the Unix epoch.
    pub(crate) fn last_success(&self) -> Option<f64> {
        let milliseconds = read(&self.last_success);
        (milliseconds > 0).then(|| Duration::from_millis(milliseconds).as_secs_f64())
    }
}

fn add(counter: &AtomicU64, n: u64) {
    counter.fetch_add(n, Ordering::Relaxed);
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::model::status::Kind;

    #[test]
    fn a_run_falls_into_the_bucket_whose_bound_it_reaches() {
        let tally = Tally::new(1);
        for millis in [0, 1, 2, 1_000, 1_001, 3_600_000] {
            tally.ran(0, RunResult::Up, Some(Duration::from_millis(millis)));
        }
        let durations = tally.check(0).unwrap().durations();
        let filled: Vec<_> = durations.buckets.into_iter().filter(|(_, count)| *count > 0).collect();
        assert_eq!(filled, [(0.001, 2), (0.0025, 1), (1.0, 1), (2.5, 1), (f64::INFINITY, 1)]);
        assert_eq!(durations.count, 6);
        assert!((durations.sum - 3602.004).abs() < 1e-9, "{}", durations.sum);
    }

    #[test]
    fn a_run_that_never_began_took_no_time() {
        let tally = Tally::new(1);
        tally.ran(0, RunResult::RuntimeStopped, None);
        let check = tally.check(0).unwrap();
        assert_eq!((check.runs(RunResult::RuntimeStopped), check.durations().count), (1, 0));
        assert_eq!(check.last_success(), None);
    }

    #[test]
    fn a_code_of_no_table_is_counted_as_another() {
        let tally = Tally::new(0);
        tally.probed(Scope::Kind(Kind::Readiness), 418);
        tally.probed(Scope::Kind(Kind::Readiness), 503);
        let (endpoint, _) = probe_slots(Scope::Kind(Kind::Readiness), 418);
        let counts = array::from_fn(|code| tally.probes(endpoint, code));
        assert_eq!(counts, [0, 1, 0, 0, 0, 0, 1]);
    }

    #[test]
    fn an_unknown_check_is_no_panic() {
        Tally::new(0).ran(7, RunResult::Up, None);
    }
}
