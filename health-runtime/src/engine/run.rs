//! One run: under its limit, with a panic contained, on a thread of its own where the function may block.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tracing::Span;

use crate::context::{Call, Values};
use crate::descriptor::{LinkedRun, RunFuture};
use crate::outcome::Outcome;
use crate::registry::Runner;
use crate::verdict::End;

type Blocking = for<'c> fn(&mut Call<'c>) -> Option<Outcome>;

/// How a run went.
pub(super) struct Ran {
    pub(super) end: End,
    /// The longest that it held its thread without a break, on the clock of the machine.
    pub(super) blocked: Duration,
}

impl Ran {
    fn aside(end: End) -> Self {
        Self { end, blocked: Duration::ZERO }
    }
}

/// Runs a check once. `overdue` is called when the limit has passed and what runs cannot be cut off.
pub(super) async fn run(runner: &Runner, name: &str, limit: Duration, overdue: impl FnOnce()) -> Ran {
    match runner {
        Runner::Linked(LinkedRun::Async(run), values) => {
            cut_off(limit, async { linked(run(&mut Call::run(values))).await }).await
        }
        Runner::Linked(LinkedRun::Blocking(run), values) => Ran::aside(on_own_thread(*run, values, name, limit, overdue).await),
        Runner::Own(run) => cut_off(limit, async { run.start().await }).await,
        Runner::Reported => Ran::aside(End::Said(Outcome::down("it is reported, not run"))),
    }
}

/// `start` has seen that no state is missing, and nothing is taken away later.
async fn linked(future: Option<RunFuture<'_>>) -> Outcome {
    match future {
        Some(future) => future.await,
        None => Outcome::down("its state is missing"),
    }
}

/// The future is made and dropped inside, so that a panic at either end is caught too.
async fn cut_off(limit: Duration, future: impl Future<Output = Outcome>) -> Ran {
    let mut blocked = Duration::ZERO;
    let bounded = async {
        let mut future = pin!(future);
        let timed = poll_fn(|cx| {
            let began = Instant::now();
            let poll = future.as_mut().poll(cx);
            blocked = blocked.max(began.elapsed());
            poll
        });
        timeout(limit, timed).await
    };
    let end = match AssertUnwindSafe(bounded).catch_unwind().await {
        // tokio polls the future before it looks at the clock, so one that blocks its thread gets past its limit.
        Ok(Ok(_)) if blocked >= limit => End::TimedOut,
        Ok(Ok(outcome)) => End::Said(outcome),
        Ok(Err(_elapsed)) => End::TimedOut,
        Err(panic) => panicked(panic),
    };
    Ran { end, blocked }
}

/// Not on tokio's blocking pool: a function that hangs there would keep the process from exiting.
async fn on_own_thread(run: Blocking, values: &Arc<Values>, name: &str, limit: Duration, overdue: impl FnOnce()) -> End {
    let (done, mut ended) = oneshot::channel();
    let runtime = Handle::current();
    let values = Arc::clone(values);
    let span = Span::current();
    let thread = thread::Builder::new().name(format!("health:{name}")).spawn(move || {
        let _runtime = runtime.enter();
        let _span = span.enter();
        let began = Instant::now();
        let end = match catch_unwind(AssertUnwindSafe(|| run(&mut Call::run(&values)))) {
            Ok(outcome) => End::Said(outcome.unwrap_or_else(|| Outcome::down("its state is missing"))),
            Err(panic) => panicked(panic),
        };
        // The runtime may be too busy to see the limit pass.
        let end = if began.elapsed() >= limit { End::TimedOut } else { end };
        drop(values);
        // Nobody waits any more when the runtime was shut down.
        let _ = done.send(end);
    });
    if let Err(error) = thread {
        return End::Said(Outcome::failed(&error));
    }
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
