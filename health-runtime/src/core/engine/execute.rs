//! Executes one run: with its timeout, with panics contained, and on a dedicated thread where the function may block.
//!
//! All times are read from tokio's clock. On a paused clock no time passes while code runs, so a test does not depend on how long
//! the machine takes for it.

use std::any::Any;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, timeout, timeout_at};

use super::dedicated_thread::{self, DedicatedThread};
use super::run_context::RunContext;
use super::run_span::RunSpan;
use crate::core::events::contain::{catch_panic, drop_payload};
use crate::core::model::outcome::Outcome;
use crate::core::model::verdict::RunOutcome;
use crate::core::registry::descriptor::{CheckFn, CheckFuture};
use crate::core::registry::{LinkedRun, StatusSource};

/// A function that may block.
type BlockingFunction = Box<dyn FnOnce() -> Outcome + Send>;

/// A run that finished, with its measurements.
pub(super) struct CompletedRun {
    pub(super) outcome: RunOutcome,
    /// The longest time that it held its thread; zero where that is less than half of its timeout.
    pub(super) longest_poll: Duration,
    pub(super) finished_at: Instant,
}

impl CompletedRun {
    /// Creates a run that finished now and blocked no thread.
    pub(super) fn now(outcome: RunOutcome) -> Self {
        Self { outcome, longest_poll: Duration::ZERO, finished_at: Instant::now() }
    }
}

/// Returns the function of a check that may block, and so runs on a dedicated thread.
pub(super) fn blocking_function(source: &StatusSource) -> Option<BlockingFunction> {
    match source {
        StatusSource::Linked(linked @ LinkedRun { run: CheckFn::Blocking(run), .. }) => {
            let (run, linked) = (*run, linked.clone());
            Some(Box::new(move || run(&mut linked.resolver()).unwrap_or_else(missing_state)))
        }
        StatusSource::Custom(run) if run.is_blocking() => {
            let run = Arc::clone(run);
            Some(Box::new(move || run.block()))
        }
        StatusSource::Linked(_)
        | StatusSource::Custom(_)
        | StatusSource::Reported
        | StatusSource::Workers(_)
        | StatusSource::Runtime(_)
        | StatusSource::Heartbeat(_) => None,
    }
}

/// Creates the future of a run. The errors cannot occur: `start` refuses missing state, and the engine runs no check without
/// runs.
fn create_future(source: &StatusSource) -> Result<CheckFuture<'_>, Outcome> {
    match source {
        StatusSource::Linked(linked @ LinkedRun { run: CheckFn::Async(run), .. }) => {
            run(&mut linked.resolver()).ok_or_else(missing_state)
        }
        StatusSource::Custom(run) => Ok(run.start()),
        StatusSource::Linked(_)
        | StatusSource::Reported
        | StatusSource::Workers(_)
        | StatusSource::Runtime(_)
        | StatusSource::Heartbeat(_) => Err(Outcome::down("it has no future")),
    }
}

fn missing_state() -> Outcome {
    Outcome::down("its state is missing")
}

/// Runs the future of a check once, inside `span`, and drops it at its timeout. Catches a panic of its creation, of a poll and of
/// its drop.
pub(super) async fn run_with_timeout(source: &StatusSource, context: &RunContext, span: &RunSpan) -> CompletedRun {
    let limit = context.timeout;
    let times_out_at = context.started_at + limit;
    let mut run = PolledRun { source, context, future: None, slow_poll_threshold: limit / 2, longest_poll: Duration::ZERO };
    let result = timeout_at(times_out_at, poll_fn(|cx| span.in_scope(|| run.poll(cx)))).await;
    let (outcome, last_poll_began) = match result {
        Ok((Ok(outcome), began)) => (RunOutcome::Returned(outcome), Some(began)),
        Ok((Err(panic), _)) => (panicked(panic), None),
        Err(_elapsed) => (RunOutcome::TimedOut, None),
    };
    let future = run.future.take();
    let dropped = span.in_scope(|| catch_panic(|| drop(future)));
    let finished_at = Instant::now();
    // tokio polls the future before it checks the timer, so a future that blocks its thread returns after its timeout. A run that
    // its runtime kept waiting until after the timeout, because of another task, did not time out.
    let timed_out = |began: Instant| run.longest_poll >= limit || began < times_out_at && times_out_at < finished_at;
    let outcome = match dropped {
        Ok(()) if last_poll_began.is_some_and(timed_out) => RunOutcome::TimedOut,
        Ok(()) => outcome,
        Err(panic) => panicked(panic),
    };
    CompletedRun { outcome, longest_poll: run.longest_poll, finished_at }
}

/// The result of a future and the start of its last poll.
type PollResult = (Result<Outcome, Box<dyn Any + Send>>, Instant);

struct PolledRun<'r> {
    source: &'r StatusSource,
    context: &'r RunContext,
    future: Option<CheckFuture<'r>>,
    slow_poll_threshold: Duration,
    longest_poll: Duration,
}

impl PolledRun<'_> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<PollResult> {
        let Self { source, context, future, .. } = self;
        let began = Instant::now();
        let poll = || match future {
            Some(future) => future.as_mut().poll(cx),
            None => match create_future(source) {
                Ok(created) => future.insert(created).as_mut().poll(cx),
                Err(outcome) => Poll::Ready(outcome),
            },
        };
        let result = catch_panic(|| context.scope(poll));
        let ended = Instant::now();
        if ended >= began + self.slow_poll_threshold {
            self.longest_poll = self.longest_poll.max(ended.duration_since(began));
        }
        match result {
            Ok(poll) => poll.map(|outcome| (Ok(outcome), began)),
            Err(panic) => Poll::Ready((Err(panic), began)),
        }
    }
}

/// Runs a blocking function on a dedicated thread, inside `span`. Calls `on_overdue` when the timeout has passed: the function cannot
/// be cancelled.
pub(super) async fn run_on_dedicated_thread(
    run: BlockingFunction,
    name: &str,
    context: RunContext,
    span: &RunSpan,
    on_overdue: impl FnOnce(),
) -> RunOutcome {
    let limit = context.timeout;
    let runtime = Handle::current();
    let span = span.clone();
    let thread = dedicated_thread::spawn(format!("health:{name}"), move || {
        let _runtime = runtime.enter();
        let began = Instant::now();
        let result = span.in_scope(|| catch_panic(|| context.scope(run)));
        let outcome = match result {
            Ok(outcome) => RunOutcome::Returned(outcome),
            Err(panic) => panicked(panic),
        };
        // The runtime may be too busy to notice the timeout.
        if began.elapsed() >= limit { RunOutcome::TimedOut } else { outcome }
    });
    let DedicatedThread { mut result, exit } = match thread {
        Ok(thread) => thread,
        Err(error) => return RunOutcome::Returned(Outcome::failed(&error)),
    };
    exit.wait().await;
    match timeout(limit, &mut result).await {
        Ok(outcome) => outcome.unwrap_or(RunOutcome::Panicked),
        Err(_elapsed) => {
            on_overdue();
            // A result after the timeout does not count.
            let _ = result.await;
            RunOutcome::TimedOut
        }
    }
}

fn panicked(payload: Box<dyn Any + Send>) -> RunOutcome {
    drop_payload(payload);
    RunOutcome::Panicked
}
