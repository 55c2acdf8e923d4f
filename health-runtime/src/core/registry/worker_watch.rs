//! The worker watch: each server worker records a heartbeat, and a reader evaluates their ages.
//!
//! A heartbeat is one atomic, stored by its worker and read without a lock. The lock guards the list of workers; it is held to
//! register one or to copy the ages.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::ThreadId;
use std::time::Duration;

use tokio::time::Instant;

use super::last_beat::{LastBeat, limit_problem};
use crate::core::model::outcome::Outcome;

/// The maximum time between two heartbeats of a worker, however long the limit.
const MAX_HEARTBEAT_INTERVAL: Duration = Duration::from_secs(1);

/// The registered workers and the maximum age of their heartbeats.
#[derive(Debug)]
pub(crate) struct WorkerWatch {
    limit: Duration,
    /// At most one heartbeat per thread, however many services a worker has.
    heartbeats: Mutex<Vec<(ThreadId, Weak<WorkerHeartbeat>)>>,
    /// Whether a read without a worker has started the wait that ends with a warning.
    awaits_worker: AtomicBool,
}

/// The last heartbeat of one worker. The worker is registered for as long as this exists.
#[derive(Debug)]
pub(crate) struct WorkerHeartbeat(LastBeat);

impl WorkerWatch {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit, heartbeats: Mutex::default(), awaits_worker: AtomicBool::new(false) }
    }

    /// Returns what is wrong with the limit, as the rest of a sentence that starts with the check.
    pub(crate) fn problem(&self) -> Option<String> {
        limit_problem(self.limit)
    }

    #[cfg(any(feature = "kubernetes", feature = "page"))]
    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    /// Returns how often a worker records a heartbeat: a few times within the limit.
    pub(crate) fn heartbeat_interval(&self) -> Duration {
        heartbeat_interval(self.limit)
    }

    /// Registers the worker of this thread with a heartbeat at `now`.
    pub(crate) fn register(&self, thread: ThreadId, now: Instant) -> Arc<WorkerHeartbeat> {
        let mut heartbeats = self.lock();
        heartbeats.retain(|(_, heartbeat)| heartbeat.strong_count() > 0);
        let registered = heartbeats.iter().find(|(other, _)| *other == thread).and_then(|(_, heartbeat)| heartbeat.upgrade());
        registered.unwrap_or_else(|| {
            let heartbeat = Arc::new(WorkerHeartbeat(LastBeat::new(now)));
            heartbeats.push((thread, Arc::downgrade(&heartbeat)));
            heartbeat
        })
    }

    /// Returns the age of the oldest heartbeat, or `None` without a worker.
    pub(crate) fn lag(&self, now: Instant) -> Option<Duration> {
        self.ages(now).into_iter().max()
    }

    /// Returns the outcome of the heartbeats, or `None` without a worker.
    pub(crate) fn outcome(&self, now: Instant) -> Option<Outcome> {
        outcome(&self.ages(now), self.limit)
    }

    /// Returns the limit for the first call, which starts the wait that ends with a warning.
    pub(crate) fn await_worker(&self) -> Option<Duration> {
        (!self.awaits_worker.swap(true, Ordering::Relaxed)).then_some(self.limit)
    }

    /// Whether a heartbeat is older than the limit.
    pub(crate) fn is_late(&self, heartbeat: &WorkerHeartbeat, now: Instant) -> bool {
        is_late(heartbeat.age(now), self.limit)
    }

    fn ages(&self, now: Instant) -> Vec<Duration> {
        self.lock().iter().filter_map(|(_, heartbeat)| Some(heartbeat.upgrade()?.age(now))).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(ThreadId, Weak<WorkerHeartbeat>)>> {
        self.heartbeats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WorkerHeartbeat {
    pub(crate) fn beat(&self, now: Instant) {
        self.0.beat(now);
    }

    fn age(&self, now: Instant) -> Duration {
        self.0.age(now)
    }
}

pub(super) fn is_late(age: Duration, limit: Duration) -> bool {
    age > limit
}

pub(super) fn heartbeat_interval(limit: Duration) -> Duration {
    (limit / 4).min(MAX_HEARTBEAT_INTERVAL)
}

/// Some late workers are worth a warning; a restart helps only when all are late.
fn outcome(ages: &[Duration], limit: Duration) -> Option<Outcome> {
    let lag = ages.iter().max()?;
    let (workers, late) = (ages.len(), ages.iter().filter(|age| is_late(**age, limit)).count());
    let outcome = if late == 0 {
        Outcome::up()
    } else if late < workers {
        Outcome::degraded(format!("{late} of {workers} workers made no progress within {limit:?}"))
    } else {
        Outcome::down(format!("no worker made progress within {limit:?}"))
    };
    let lag_ms = u64::try_from(lag.as_millis()).unwrap_or(u64::MAX);
    Some(outcome.with("lag_ms", lag_ms).with("workers", workers).with("late", late))
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::core::model::outcome::Cause;
    use crate::core::model::status::Status;

    const MS: Duration = Duration::from_millis(1);

    /// Returns the status, the reason and the details, in their order.
    fn summary(outcome: Outcome) -> (Status, Option<String>, String) {
        let reason = outcome.cause.map(|cause| match cause {
            Cause::Message(text) => text.into_owned(),
            Cause::Error(error) => panic!("{error:?}"),
        });
        let details: Vec<_> = outcome.details.iter().map(|detail| format!("{} {}", detail.key, detail.value)).collect();
        (outcome.status, reason, details.join(", "))
    }

    #[test]
    fn the_outcome_depends_on_how_many_workers_are_late() {
        let limit = 100 * MS;
        let some = "2 of 3 workers made no progress within 100ms";
        let none = "no worker made progress within 100ms";
        for (ages, status, reason, details) in [
            (vec![0], Status::Up, None, "lag_ms 0, workers 1, late 0"),
            (vec![3, 100, 7], Status::Up, None, "lag_ms 100, workers 3, late 0"),
            (vec![101, 0, 5_000], Status::Degraded, Some(some), "lag_ms 5000, workers 3, late 2"),
            (vec![101], Status::Down, Some(none), "lag_ms 101, workers 1, late 1"),
            (vec![101, 250], Status::Down, Some(none), "lag_ms 250, workers 2, late 2"),
        ] {
            let ages: Vec<_> = ages.into_iter().map(|age| age * MS).collect();
            let expected = (status, reason.map(ToOwned::to_owned), details.to_owned());
            assert_eq!(outcome(&ages, limit).map(summary), Some(expected), "{ages:?}");
        }
        assert!(outcome(&[], limit).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_worker_is_registered_for_as_long_as_its_heartbeat_exists() {
        let watch = WorkerWatch::new(100 * MS);
        let others: Vec<_> = (0..2).map(|_| thread::spawn(|| ()).thread().id()).collect();
        assert_eq!(watch.lag(Instant::now()), None);
        let first = watch.register(others[0], Instant::now());
        tokio::time::advance(70 * MS).await;
        let second = watch.register(others[1], Instant::now());
        let again = watch.register(others[0], Instant::now());
        assert!(Arc::ptr_eq(&first, &again), "one thread");
        assert_eq!(watch.ages(Instant::now()), [70 * MS, Duration::ZERO]);

        tokio::time::advance(40 * MS).await;
        let now = Instant::now();
        assert!(watch.is_late(&first, now) && !watch.is_late(&second, now));
        drop(first);
        assert_eq!(watch.lag(now), Some(110 * MS), "a clone still exists");
        again.beat(now);
        assert_eq!(watch.ages(now), [Duration::ZERO, 40 * MS]);
        drop(again);
        assert_eq!(watch.ages(now), [40 * MS]);
        drop(second);
        assert_eq!(watch.lag(now), None);
        let third = watch.register(others[0], now);
        assert_eq!(watch.lock().len(), 1, "dropped heartbeats are removed");
        drop(third);
    }

    #[test]
    fn a_worker_beats_a_few_times_within_the_limit_and_at_least_each_second() {
        for (limit, interval) in
            [(10 * MS, 10 * MS / 4), (200 * MS, 50 * MS), (4_000 * MS, 1_000 * MS), (86_400_000 * MS, 1_000 * MS)]
        {
            let watch = WorkerWatch::new(limit);
            assert_eq!((watch.heartbeat_interval(), watch.problem()), (interval, None));
        }
        for limit in [Duration::ZERO, 9 * MS, 86_400_001 * MS, Duration::MAX] {
            let expected = format!("has a limit of {limit:?}; give one from 10ms to 24h");
            assert_eq!(WorkerWatch::new(limit).problem(), Some(expected));
        }
    }
}
