//! Calls code of the application that may panic or hang, such as a subscriber of `tracing`, on a dedicated thread.
//!
//! A log line in the middle of a step could end the step with a panic, or hold it for as long as a full pipe. So a line is queued
//! after the state was changed and waiters were woken, and the thread `health:notifier`, one per process, makes the calls in the
//! order of the queue. It contains their panics.
//!
//! *States.* One lock guards the [`Queue`]; it is a leaf, and no call is made while it is held. The thread starts with the first
//! call and waits for the next one for the life of the process. `is_slow` is set by the caller whose wait ended before its call,
//! and cleared by the thread when the queue is empty.
//!
//! *Waiting.* [`flush`] waits until the calls so far are made, so that the lines of this crate keep their place among those of
//! its caller. It waits for 50 ms at most, and not at all while the notifier is slow: a log that hangs costs its process one wait.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tracing::Dispatch;
use tracing::dispatcher::{get_default, with_default};
use tracing::subscriber::NoSubscriber;

use super::contain::contain_panic;

/// How many calls are queued while the notifier is slow. Later ones are dropped and counted.
const CAPACITY: usize = 1024;

static NOTIFIER: Notifier = Notifier::new();

thread_local! {
    static IS_NOTIFIER: Cell<bool> = const { Cell::new(false) };
}

struct Notifier {
    queue: Mutex<Queue>,
    /// The number of queued calls that were not made yet, so that [`flush`] takes no lock where there are none.
    pending: AtomicUsize,
    /// Notified when a call is queued.
    queued: Condvar,
    /// Notified when a call was made or the notifier became slow.
    made: Condvar,
}

struct Queue {
    calls: VecDeque<Call>,
    /// The number of queued calls so far.
    queued: u64,
    /// The number of calls that were made so far.
    made: u64,
    /// The number of dropped calls since the last warning.
    dropped: u64,
    has_thread: bool,
    is_slow: bool,
}

struct Call {
    /// The subscriber of the thread that queued the call, unless it has none.
    dispatch: Option<Dispatch>,
    call: Box<dyn FnOnce() + Send>,
}

/// Queues a call that writes a log line, and waits for it as [`flush`] does. Call it without a lock.
pub(crate) fn log(call: impl FnOnce() + Send + 'static) {
    enqueue_log(call);
    flush();
}

/// Queues a call that writes a log line, unless no subscriber and no logger would get it. A change of threads for each line is most
/// of what a change of a status costs.
pub(crate) fn enqueue_log(call: impl FnOnce() + Send + 'static) {
    let dispatch = current_subscriber();
    // The feature `log` of tracing writes to the `log` crate.
    if dispatch.is_some() || log::max_level() != log::LevelFilter::Off {
        NOTIFIER.enqueue(Call { dispatch, call: Box::new(call) });
    }
}

/// Queues a call.
pub(crate) fn enqueue(call: impl FnOnce() + Send + 'static) {
    NOTIFIER.enqueue(Call { dispatch: current_subscriber(), call: Box::new(call) });
}

/// Returns the subscriber of this thread. Without one, a call must run without a dispatcher too, or the feature `log` of tracing has
/// no effect.
fn current_subscriber() -> Option<Dispatch> {
    get_default(|dispatch| (!dispatch.is::<NoSubscriber>()).then(|| dispatch.clone()))
}

/// Waits until the calls that were queued so far are made, within the limits above.
pub(crate) fn flush() {
    // A call may use this crate, and must not wait for itself.
    if !IS_NOTIFIER.get() {
        NOTIFIER.flush();
    }
}

impl Notifier {
    const fn new() -> Self {
        let queue = Queue { calls: VecDeque::new(), queued: 0, made: 0, dropped: 0, has_thread: false, is_slow: false };
        Self { queue: Mutex::new(queue), pending: AtomicUsize::new(0), queued: Condvar::new(), made: Condvar::new() }
    }

    fn enqueue(&'static self, call: Call) {
        let mut queue = self.lock();
        if queue.calls.len() == CAPACITY {
            queue.dropped += 1;
            return;
        }
        if !queue.has_thread {
            // Without a thread the calls stay queued, and the next one tries again.
            let spawned = thread::Builder::new().name("health:notifier".to_owned()).spawn(|| self.run());
            queue.has_thread = spawned.is_ok();
        }
        queue.queued += 1;
        self.pending.fetch_add(1, Ordering::Relaxed);
        queue.calls.push_back(call);
        drop(queue);
        self.queued.notify_one();
    }

    fn run(&self) {
        IS_NOTIFIER.set(true);
        let mut queue = self.lock();
        loop {
            let Some(call) = queue.calls.pop_front() else {
                queue.is_slow = false;
                queue = self.queued.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let dropped = std::mem::take(&mut queue.dropped);
            drop(queue);
            call.make(dropped);
            queue = self.lock();
            queue.made += 1;
            self.pending.fetch_sub(1, Ordering::Release);
            self.made.notify_all();
        }
    }

    fn flush(&self) {
        // What this thread queued is pending at least until it is made.
        if self.pending.load(Ordering::Acquire) == 0 {
            return;
        }
        let queue = self.lock();
        let target = queue.queued;
        let is_pending = |queue: &mut Queue| queue.made < target && !queue.is_slow && queue.has_thread;
        let waited = self.made.wait_timeout_while(queue, max_wait(), is_pending);
        let (mut queue, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            queue.is_slow = true;
            self.made.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Call {
    /// Makes the call on this thread. A panic is contained, and so is one of what the call drops.
    fn make(self, dropped: u64) {
        let Self { dispatch, call } = self;
        let call = || {
            if dropped > 0 {
                contain_panic(|| tracing::warn!(dropped, "the log is too slow; log lines of health checks were dropped"));
            }
            contain_panic(call);
        };
        match dispatch {
            Some(dispatch) => drop(contain_panic(|| with_default(&dispatch, call))),
            None => call(),
        }
    }
}

/// Returns how long a caller waits. On a paused clock of tokio no time passes, so a test waits until the line is there.
fn max_wait() -> Duration {
    #[cfg(any(test, feature = "test-util"))]
    if super::test_clock::is_paused() {
        return Duration::from_secs(10);
    }
    Duration::from_millis(50)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// A notifier with a thread for the life of the process.
    fn notifier() -> &'static Notifier {
        Box::leak(Box::new(Notifier::new()))
    }

    fn enqueue(notifier: &'static Notifier, call: impl FnOnce() + Send + 'static) {
        notifier.enqueue(Call { dispatch: None, call: Box::new(call) });
    }

    /// A call that reports its start and then waits.
    fn waiting() -> (impl FnOnce() + Send, Receiver<()>, Sender<()>) {
        let ((started_tx, started), (release, released)) = (channel(), channel());
        let call = move || {
            started_tx.send(()).unwrap();
            let _ = released.recv();
        };
        (call, started, release)
    }

    #[test]
    fn calls_are_made_in_order_and_panics_are_contained() {
        let (notifier, (numbers_tx, numbers)) = (notifier(), channel());
        for number in 0..100 {
            let numbers_tx = numbers_tx.clone();
            enqueue(notifier, move || {
                numbers_tx.send(number).unwrap();
                if number % 3 == 0 {
                    std::panic::resume_unwind(Box::new(number));
                }
            });
        }
        drop(numbers_tx);
        assert_eq!(numbers.iter().collect::<Vec<_>>(), (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn a_call_that_hangs_costs_one_wait_and_at_most_the_queue() {
        let (notifier, (call, started, release)) = (notifier(), waiting());
        enqueue(notifier, call);
        started.recv().unwrap();
        notifier.flush();
        assert!(notifier.lock().is_slow, "the first wait ended before the call");
        let made = channel();
        for number in 0..CAPACITY + 3 {
            let made = made.0.clone();
            enqueue(notifier, move || made.send(number).unwrap());
            notifier.flush();
        }
        let queue = notifier.lock();
        let counts = (queue.calls.len(), queue.dropped);
        drop(queue);
        assert_eq!(counts, (CAPACITY, 3));
        drop(release);
        drop(made.0);
        assert_eq!(made.1.iter().collect::<Vec<_>>(), (0..CAPACITY).collect::<Vec<_>>());
        let mut queue = notifier.lock();
        while queue.is_slow {
            drop(queue);
            thread::yield_now();
            queue = notifier.lock();
        }
        assert_eq!((queue.dropped, queue.made), (0, CAPACITY as u64 + 1));
    }
}
