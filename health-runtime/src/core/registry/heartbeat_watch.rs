//! The heartbeat watch: tasks of the application record their progress, and a reader evaluates it.
//!
//! *States.* A registration is live until its end is set, once and for good; only its own handles change it. Ends are
//! [`TaskEnd::Ended`], [`TaskEnd::Panicked`] and [`TaskEnd::Planned`], which counts as up. A live registration is stalled while its
//! last beat is older than the limit and none of its clones waits.
//!
//! *Locks.* One lock guards the list of registrations. It is held to register, to remove, and to read; no beat takes it. A beat,
//! the number of waiting clones and the end are atomics. A wait ends with its beat first and its count second, and a reader reads
//! them the other way round: one that no longer finds the wait finds its beat.

use std::mem::discriminant;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

pub(crate) use super::last_beat::BeatTime;
use super::last_beat::{LastBeat, limit_problem};
use crate::core::model::verdict::HeartbeatReading;
use crate::text::number::format_elapsed;

/// The registered tasks of one check, and the maximum time between two beats of a task.
#[derive(Debug)]
pub(crate) struct HeartbeatWatch {
    limit: Duration,
    limit_in_nanoseconds: u64,
    tasks: Mutex<Tasks>,
}

#[derive(Debug, Default)]
struct Tasks {
    /// Oldest first.
    registered: Vec<Arc<TaskHeartbeat>>,
    /// Whether there was ever a registration.
    is_used: bool,
}

/// The registration of one task.
#[derive(Debug)]
pub(crate) struct TaskHeartbeat {
    last_beat: LastBeat,
    /// How many of its clones wait for work.
    waiting: AtomicUsize,
    end: OnceLock<TaskEnd>,
}

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TaskEnd {
    /// It finished as planned, or it ended after the drain began.
    Planned,
    /// It returned, was cancelled, or dropped its heartbeat.
    Ended,
    Panicked,
}

/// Why a task makes no progress, from the least to the most severe.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    Stalled(Duration),
    Ended,
    Panicked,
}

impl HeartbeatWatch {
    pub(crate) fn new(limit: Duration) -> Self {
        let limit_in_nanoseconds = u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX);
        Self { limit, limit_in_nanoseconds, tasks: Mutex::default() }
    }

    /// Returns what is wrong with the limit, as the rest of a sentence that starts with the check.
    pub(crate) fn problem(&self) -> Option<String> {
        limit_problem(self.limit)
    }

    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    /// Whether a task was ever registered.
    pub(crate) fn is_used(&self) -> bool {
        self.lock().is_used
    }

    /// Registers a task with a beat at `now`. It replaces the oldest registration that ended: a supervisor restarted the task.
    pub(crate) fn register(&self, now: Instant) -> Arc<TaskHeartbeat> {
        let (last_beat, waiting, end) = (LastBeat::new(now), AtomicUsize::new(0), OnceLock::new());
        let task = Arc::new(TaskHeartbeat { last_beat, waiting, end });
        let mut tasks = self.lock();
        if let Some(ended) = tasks.registered.iter().position(|task| task.end.get().is_some()) {
            tasks.registered.remove(ended);
        }
        tasks.registered.push(Arc::clone(&task));
        tasks.is_used = true;
        task
    }

    /// Removes a registration.
    pub(crate) fn remove(&self, task: &Arc<TaskHeartbeat>) {
        self.lock().registered.retain(|other| !Arc::ptr_eq(other, task));
    }

    /// Whether the last beat of a task is too old, whether or not it waits.
    pub(crate) fn is_late(&self, task: &TaskHeartbeat, at: BeatTime) -> bool {
        task.last_beat.is_older_than(self.limit_in_nanoseconds, at)
    }

    /// Returns what the tasks do at `now`. A task that stalls after `drain_started_at` is stopping and counts as up.
    pub(crate) fn read(&self, now: Instant, drain_started_at: Option<Instant>) -> HeartbeatReading {
        let tasks = self.lock();
        let total = tasks.registered.len();
        if total == 0 {
            return HeartbeatReading::Unregistered;
        }
        let (mut faults, mut stalls_at) = (Vec::new(), now + self.limit);
        for task in &tasks.registered {
            match task.end.get() {
                Some(TaskEnd::Ended) => faults.push(Fault::Ended),
                Some(TaskEnd::Panicked) => faults.push(Fault::Panicked),
                None if task.waiting.load(Ordering::Acquire) > 0 => {}
                None if self.is_late(task, task.time(drain_started_at.map_or(now, |drained| drained.min(now)))) => {
                    faults.push(Fault::Stalled(task.last_beat.age(now)));
                }
                None if drain_started_at.is_none() => {
                    stalls_at = stalls_at.min(now + self.limit.saturating_sub(task.last_beat.age(now)));
                }
                Some(TaskEnd::Planned) | None => {}
            }
        }
        drop(tasks);
        let Some(worst) = faults.iter().max() else { return HeartbeatReading::Up { stalls_at } };
        let (text, count) = (worst.text(), faults.iter().filter(|fault| fault.is_same(worst)).count());
        let reason = if total == 1 { text } else { format!("{count} of {total} tasks: {text}") };
        HeartbeatReading::Down { reason, is_stalled: matches!(worst, Fault::Stalled(_)) }
    }

    fn lock(&self) -> MutexGuard<'_, Tasks> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TaskHeartbeat {
    pub(crate) fn time(&self, now: Instant) -> BeatTime {
        self.last_beat.time(now)
    }

    pub(crate) fn beat(&self, at: BeatTime) {
        self.last_beat.beat_at(at);
    }

    pub(crate) fn start_waiting(&self) {
        self.waiting.fetch_add(1, Ordering::AcqRel);
    }

    /// Ends a wait, which is a beat.
    pub(crate) fn end_waiting(&self, now: Instant) {
        self.last_beat.beat(now);
        self.waiting.fetch_sub(1, Ordering::AcqRel);
    }

    /// Ends the registration. Returns whether this call ended it.
    pub(crate) fn end(&self, end: TaskEnd) -> bool {
        self.end.set(end).is_ok()
    }
}

impl Fault {
    /// Whether the texts differ at most in their figures.
    fn is_same(&self, other: &Self) -> bool {
        discriminant(self) == discriminant(other)
    }

    fn text(&self) -> String {
        match self {
            Self::Stalled(age) => format!("no progress for {}", format_elapsed(*age)),
            Self::Ended => "ended".to_owned(),
            Self::Panicked => "panicked".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;
    use std::thread;

    use super::*;

    const LIMIT: Duration = Duration::from_millis(10);

    /// Time passes only inside waits, ten limits in each, so a reader that found neither the wait nor its beat would find a stall.
    #[test]
    fn b3_a_concurrent_reader_finds_a_wait_or_the_beat_of_its_end() {
        const WAITS: u32 = 50_000;
        let (watch, start, time) = (HeartbeatWatch::new(LIMIT), Instant::now(), AtomicU32::new(0));
        let task = watch.register(start);
        let at = |time: u32| start + 10 * LIMIT * time;
        thread::scope(|scope| {
            scope.spawn(|| {
                for wait in 1..=WAITS {
                    task.start_waiting();
                    time.store(wait, Ordering::SeqCst);
                    task.end_waiting(at(wait));
                }
            });
            while time.load(Ordering::SeqCst) < WAITS {
                let now = at(time.load(Ordering::SeqCst));
                assert!(matches!(watch.read(now, None), HeartbeatReading::Up { .. }));
            }
        });
    }

    #[test]
    fn b2_concurrent_restarts_leave_no_more_entries_than_tasks_alive_at_once() {
        const TASKS: usize = 4;
        let (watch, now) = (HeartbeatWatch::new(LIMIT), Instant::now());
        thread::scope(|scope| {
            for _ in 0..TASKS {
                scope.spawn(|| (0..1_000).for_each(|_| assert!(watch.register(now).end(TaskEnd::Ended))));
            }
        });
        let entries = watch.lock().registered.len();
        assert!((1..=TASKS).contains(&entries), "{entries} entries");
    }
}
