//! The workers of the server: each notes when its loop turned last, and who reads judges by that.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::ThreadId;
use std::time::Duration;

use tokio::time::Instant;

use crate::core::model::outcome::Outcome;

const LIMITS: RangeInclusive<Duration> = Duration::from_millis(10)..=Duration::from_secs(24 * 60 * 60);

/// Often enough that a figure is worth a look, however long the limit.
const LONGEST_INTERVAL: Duration = Duration::from_secs(1);

/// The workers that count, and how long one may take for a turn.
#[derive(Debug)]
pub(crate) struct Workers {
    limit: Duration,
    since: Instant,
    /// At most one for each thread: what is mounted twice on one loop turns with it.
    turns: Mutex<Vec<(ThreadId, Weak<Turn>)>>,
}

/// The last turn of one worker, which counts for as long as somebody holds this.
#[derive(Debug)]
pub(crate) struct Turn {
    since: Instant,
    nanoseconds: AtomicU64,
}

impl Workers {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit, since: Instant::now(), turns: Mutex::default() }
    }

    /// What is wrong with the limit, as the rest of a sentence that begins with the check.
    pub(crate) fn mistake(&self) -> Option<String> {
        let limit = self.limit;
        (!LIMITS.contains(&limit)).then(|| format!("has a limit of {limit:?}; give one from 10ms to 24h"))
    }

    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    /// How often a worker notes that it turns: a few times within the limit.
    pub(crate) fn interval(&self) -> Duration {
        (self.limit / 4).min(LONGEST_INTERVAL)
    }

    /// Counts the worker of this thread, which has turned at `now`.
    pub(crate) fn admit(&self, thread: ThreadId, now: Instant) -> Arc<Turn> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|(_, turn)| turn.strong_count() > 0);
        let held = turns.iter().find(|(held, _)| *held == thread).and_then(|(_, turn)| turn.upgrade());
        held.unwrap_or_else(|| {
            let turn = Arc::new(Turn { since: self.since, nanoseconds: AtomicU64::new(0) });
            turn.note(now);
            turns.push((thread, Arc::downgrade(&turn)));
            turn
        })
    }

    /// How long ago the slowest worker turned; `None` where there is no worker.
    pub(crate) fn lag(&self, now: Instant) -> Option<Duration> {
        self.lags(now).into_iter().max()
    }

    /// What there is to say of the workers; `None` where there is no worker.
    pub(crate) fn outcome(&self, now: Instant) -> Option<Outcome> {
        outcome(&self.lags(now), self.limit)
    }

    /// Whether the worker took longer than it may.
    pub(crate) fn is_late(&self, turn: &Turn, now: Instant) -> bool {
        is_late(turn.lag(now), self.limit)
    }

    fn lags(&self, now: Instant) -> Vec<Duration> {
        let turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.iter().filter_map(|(_, turn)| Some(turn.upgrade()?.lag(now))).collect()
    }
}

impl Turn {
    pub(crate) fn note(&self, now: Instant) {
        let nanoseconds = now.saturating_duration_since(self.since).as_nanos();
        self.nanoseconds.store(u64::try_from(nanoseconds).unwrap_or(u64::MAX), Ordering::Release);
    }

    fn lag(&self, now: Instant) -> Duration {
        let turned = Duration::from_nanos(self.nanoseconds.load(Ordering::Acquire));
        now.saturating_duration_since(self.since).saturating_sub(turned)
    }
}

fn is_late(lag: Duration, limit: Duration) -> bool {
    lag > limit
}

/// Some late is worth to know; all late is a reason to restart.
fn outcome(lags: &[Duration], limit: Duration) -> Option<Outcome> {
    let lag = lags.iter().max()?;
    let (workers, late) = (lags.len(), lags.iter().filter(|lag| is_late(**lag, limit)).count());
    let outcome = if late == 0 {
        Outcome::up()
    } else if late < workers {
        Outcome::degraded(format!("{late} of {workers} workers did not turn within {limit:?}"))
    } else {
        Outcome::down(format!("no worker turned within {limit:?}"))
    };
    let lag_ms = u64::try_from(lag.as_millis()).unwrap_or(u64::MAX);
    Some(outcome.with("lag_ms", lag_ms).with("workers", workers).with("late", late))
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::core::model::outcome::Reason;
    use crate::core::model::status::Status;

    const MS: Duration = Duration::from_millis(1);

    /// The status, the reason and the details, in their order.
    fn said(outcome: Outcome) -> (Status, Option<String>, String) {
        let reason = outcome.reason.map(|reason| match reason {
            Reason::Given(text) => text.into_owned(),
            Reason::Failed(failure) => panic!("{failure:?}"),
        });
        let details: Vec<_> = outcome.details.iter().map(|detail| format!("{} {}", detail.key, detail.value)).collect();
        (outcome.status, reason, details.join(", "))
    }

    #[test]
    fn lags_make_a_verdict() {
        let limit = 100 * MS;
        let some = "2 of 3 workers did not turn within 100ms";
        let none = "no worker turned within 100ms";
        for (lags, status, reason, details) in [
            (vec![0], Status::Up, None, "lag_ms 0, workers 1, late 0"),
            (vec![3, 100, 7], Status::Up, None, "lag_ms 100, workers 3, late 0"),
            (vec![101, 0, 5_000], Status::Degraded, Some(some), "lag_ms 5000, workers 3, late 2"),
            (vec![101], Status::Down, Some(none), "lag_ms 101, workers 1, late 1"),
            (vec![101, 250], Status::Down, Some(none), "lag_ms 250, workers 2, late 2"),
        ] {
            let lags: Vec<_> = lags.into_iter().map(|lag| lag * MS).collect();
            let expected = (status, reason.map(ToOwned::to_owned), details.to_owned());
            assert_eq!(outcome(&lags, limit).map(said), Some(expected), "{lags:?}");
        }
        assert!(outcome(&[], limit).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_worker_counts_for_as_long_as_its_turn_is_held() {
        let workers = Workers::new(100 * MS);
        let others: Vec<_> = (0..2).map(|_| thread::spawn(|| ()).thread().id()).collect();
        assert_eq!(workers.lag(Instant::now()), None);
        let first = workers.admit(others[0], Instant::now());
        tokio::time::advance(70 * MS).await;
        let second = workers.admit(others[1], Instant::now());
        let again = workers.admit(others[0], Instant::now());
        assert!(Arc::ptr_eq(&first, &again), "one loop");
        assert_eq!(workers.lags(Instant::now()), [70 * MS, Duration::ZERO]);

        tokio::time::advance(40 * MS).await;
        let now = Instant::now();
        assert!(workers.is_late(&first, now) && !workers.is_late(&second, now));
        drop(first);
        assert_eq!(workers.lag(now), Some(110 * MS), "it is held once more");
        again.note(now);
        assert_eq!(workers.lags(now), [Duration::ZERO, 40 * MS]);
        drop(again);
        assert_eq!(workers.lags(now), [40 * MS]);
        drop(second);
        assert_eq!(workers.lag(now), None);
        let third = workers.admit(others[0], now);
        assert_eq!(workers.turns.lock().unwrap().len(), 1, "nothing is kept of those that are gone");
        drop(third);
    }

    #[test]
    fn a_worker_turns_a_few_times_within_the_limit_and_each_second_at_least() {
        for (limit, interval) in
            [(10 * MS, 10 * MS / 4), (200 * MS, 50 * MS), (4_000 * MS, 1_000 * MS), (86_400_000 * MS, 1_000 * MS)]
        {
            let workers = Workers::new(limit);
            assert_eq!((workers.interval(), workers.mistake()), (interval, None));
        }
        for limit in [Duration::ZERO, 9 * MS, 86_400_001 * MS, Duration::MAX] {
            let expected = format!("has a limit of {limit:?}; give one from 10ms to 24h");
            assert_eq!(Workers::new(limit).mistake(), Some(expected));
        }
    }
}
