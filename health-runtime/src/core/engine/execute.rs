//! One run: under its limit, with a panic contained, on a thread of its own where the function may block.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tracing::Span;

use crate::core::engine::run_context::Limits;
use crate::core::engine::test_clock::hold;
use crate::core::model::outcome::Outcome;
use crate::core::model::verdict::End;
use crate::core::registry::Runner;
use crate::core::registry::descriptor::{LinkedRun, RunFuture};
use crate::core::registry::state::{Call, Values};

type Blocking = for<'c> fn(&mut Call<'c>) -> Option<Outcome>;

/// How a run went.
pub(super) struct Ran {
    pub(super) end: End,
    /// The longest that it held its thread without a break, on the clock of the machine; zero where that is less than
    /// half of its limit.
    pub(super) blocked: Duration,
    pub(super) ended: tokio::time::Instant,
}

impl Ran {
    /// It ended just now, and has held up nobody.
    pub(super) fn aside(end: End) -> Self {
        Self { end, blocked: Duration::ZERO, ended: tokio::time::Instant::now() }
    }
}

/// Runs a check once, inside `span`. `overdue` is called when the limit has passed and what runs cannot be cut off.
pub(super) async fn run(runner: &Runner, name: &str, limits: Limits, span: &Span, overdue: impl FnOnce()) -> Ran {
    match runner {
        Runner::Linked(LinkedRun::Blocking(run), values) => {
            Ran::aside(on_own_thread(*run, values, name, limits, span, overdue).await)
        }
        Runner::Linked(LinkedRun::Async(_), _) | Runner::Own(_) | Runner::Reported | Runner::Watched(_) => {
            cut_off(runner, limits, span).await
        }
    }
}

/// The future of a run, which is made when it is first asked. What keeps it from being made is an outcome too: `start`
/// has seen that no state is missing, and the engine runs no check that has no run.
fn future(runner: &Runner) -> Result<RunFuture<'_>, Outcome> {
    match runner {
        Runner::Linked(LinkedRun::Async(run), values) => run(&mut Call::run(values)).ok_or_else(state_is_missing),
        Runner::Own(run) => Ok(run.start()),
        Runner::Linked(LinkedRun::Blocking(_), _) | Runner::Reported | Runner::Watched(_) => {
            Err(Outcome::down("it has no future"))
        }
    }
}

fn state_is_missing() -> Outcome {
    Outcome::down("its state is missing")
}

/// Cuts a future off at its limit. A panic is caught wherever it comes from: the making, a poll, the drop.
async fn cut_off(runner: &Runner, limits: Limits, span: &Span) -> Ran {
    let limit = limits.timeout;
    let mut running = Running { runner, limits, future: None, long: limit / 2, blocked: Duration::ZERO };
    let timed = timeout(limit, poll_fn(|cx| span.in_scope(|| running.poll(cx)))).await;
    let (end, last_poll) = match timed {
        Ok((Ok(outcome), began)) => (End::Said(outcome), Some(began)),
        Ok((Err(panic), _)) => (panicked(panic), None),
        Err(_elapsed) => (End::TimedOut, None),
    };
    let future = running.future.take();
    let dropped = catch_unwind(AssertUnwindSafe(|| span.in_scope(|| drop(future))));
    // In this order: what comes between the two looks at the clock must not seem to be the run's.
    let now = Instant::now();
    let ended = tokio::time::Instant::now();
    let took = ended.saturating_duration_since(limits.since);
    // tokio polls the future before it looks at the clock, so one that blocks its thread gets past its limit.
    let is_past = |began: Instant| running.blocked >= limit || is_late(took, now.saturating_duration_since(began), limit);
    let end = match dropped {
        Ok(()) if last_poll.is_some_and(is_past) => End::TimedOut,
        Ok(()) => end,
        Err(panic) => panicked(panic),
    };
    Ran { end, blocked: running.blocked, ended }
}

/// Whether a run that took so long held its thread itself when it came to its limit, from `last` before its end on. One that
/// its runtime kept waiting until after the limit, for the sake of another, is not late.
fn is_late(took: Duration, last: Duration, timeout: Duration) -> bool {
    took > timeout && took.saturating_sub(last) < timeout
}

/// What a future ended with, and when its last poll began.
type Polled = (Result<Outcome, Box<dyn Any + Send>>, Instant);

struct Running<'r> {
    runner: &'r Runner,
    limits: Limits,
    future: Option<RunFuture<'r>>,
    /// A poll of this length or more is worth to be known of.
    long: Duration,
    blocked: Duration,
}

impl Running<'_> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Polled> {
        let Self { runner, limits, future: held, .. } = self;
        let began = Instant::now();
        let poll = || match held {
            Some(future) => future.as_mut().poll(cx),
            None => match future(runner) {
                Ok(made) => held.insert(made).as_mut().poll(cx),
                Err(outcome) => Poll::Ready(outcome),
            },
        };
        let polled = catch_unwind(AssertUnwindSafe(|| limits.hold(poll)));
        let took = began.elapsed();
        if took >= self.long {
            self.blocked = self.blocked.max(took);
        }
        match polled {
            Ok(poll) => poll.map(|outcome| (Ok(outcome), began)),
            Err(panic) => Poll::Ready((Err(panic), began)),
        }
    }
}

/// Not on tokio's blocking pool: a function that hangs there would keep the process from exiting.
async fn on_own_thread(
    run: Blocking,
    values: &Arc<Values>,
    name: &str,
    limits: Limits,
    span: &Span,
    overdue: impl FnOnce(),
) -> End {
    let limit = limits.timeout;
    let (done, mut ended) = oneshot::channel();
    let (alive, gone) = mpsc::channel::<()>();
    let runtime = Handle::current();
    let values = Arc::clone(values);
    let span = span.clone();
    let thread = thread::Builder::new().name(format!("health:{name}")).spawn(move || {
        let _runtime = runtime.enter();
        let _span = span.enter();
        let began = Instant::now();
        let end = match catch_unwind(AssertUnwindSafe(|| limits.hold(|| run(&mut Call::run(&values))))) {
            Ok(outcome) => End::Said(outcome.unwrap_or_else(state_is_missing)),
            Err(panic) => panicked(panic),
        };
        // The runtime may be too busy to see the limit pass.
        let end = if began.elapsed() >= limit { End::TimedOut } else { end };
        drop(values);
        // Nobody waits any more when the runtime was shut down.
        let _ = done.send(end);
        drop(alive);
    });
    if let Err(error) = thread {
        return End::Said(Outcome::failed(&error));
    }
    hold(gone).await;
    match timeout(limit, &mut ended).await {
        Ok(end) => end.unwrap_or(End::Panicked),
        Err(_elapsed) => {
            overdue();
            // It came back too late, whatever it said.
            let _ = ended.await;
            End::TimedOut
        }
    }
}

/// A payload may panic when it is dropped; that is the check's failure as well.
fn panicked(payload: Box<dyn Any + Send>) -> End {
    if let Err(second) = catch_unwind(AssertUnwindSafe(move || drop(payload))) {
        std::mem::forget(second);
    }
    End::Panicked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_late_that_held_its_thread_at_its_limit() {
        let ms = Duration::from_millis;
        for (took, last, expected) in [
            (99, 99, false),
            (100, 1, false),
            (101, 2, true),
            (185, 95, true),
            (185, 85, false),
            (185, 86, true),
            (100, 0, false),
            (2_000, 1, false),
            (2_000, 2_000, true),
        ] {
            assert_eq!(is_late(ms(took), ms(last), ms(100)), expected, "{took} {last}");
        }
    }
}
