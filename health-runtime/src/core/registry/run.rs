//! What a check created at run time runs.

use std::fmt;

use crate::core::model::outcome::{IntoOutcome, Outcome};
use crate::core::registry::descriptor::CheckFuture;

/// What a [`Check`](crate::Check) runs: a closure that returns a future, [`with`], [`blocking`], or a built-in check.
///
/// The closure is called for each run, and its future runs as a separate task. A future cannot borrow what the closure captured:
/// `move || ping(&pool)` gets a lifetime error. Use [`with`], whose closure owns a clone for each run:
///
/// ```
/// use health_runtime::{Check, with};
///
/// #[derive(Clone)]
/// struct Pool;
///
/// async fn ping(pool: &Pool) -> Result<(), String> {
///     # let _ = pool;
///     Ok(())
/// }
///
/// let pool = Pool;
/// let check = Check::readiness("database", with(pool, |pool| async move { ping(&pool).await }));
/// ```
#[diagnostic::on_unimplemented(
    message = "health check must run a closure `Fn() -> F` whose future is `Send`, a built-in check, `with(…)` or `blocking(…)`, not `{Self}`; write `with(state, |state| async move {{ … }})`",
    label = "this cannot be run",
    note = "a check may return `()`, `Outcome`, `Details<T>` or a `Result` of one of these"
)]
pub trait Run: Send + Sync + 'static {
    /// Starts one run.
    #[doc(hidden)]
    fn start(&self) -> CheckFuture<'static>;

    /// Whether the check depends on something outside the process. Such a check must not be a liveness check.
    #[doc(hidden)]
    fn is_external(&self) -> bool {
        false
    }

    /// The description of a check that has none.
    #[doc(hidden)]
    fn description(&self) -> Option<&'static str> {
        None
    }

    /// Whether a run blocks its thread, so that [`block`](Self::block) is called on a dedicated thread instead of `start`.
    #[doc(hidden)]
    fn is_blocking(&self) -> bool {
        false
    }

    /// Runs once on this thread.
    #[doc(hidden)]
    fn block(&self) -> Outcome {
        Outcome::down("it has a future")
    }
}

impl<F, Fut> Run for F
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: ReturnedFuture<Output: IntoOutcome> + Send + 'static,
{
    fn start(&self) -> CheckFuture<'static> {
        self().boxed()
    }
}

/// What the closure of a check returns: a future. `Future` itself would have the message of std.
#[diagnostic::on_unimplemented(
    message = "health check must run a closure that returns a future, not `{Self}`; write `|| async move {{ … }}`, or `blocking(|| …)` for code that blocks its thread",
    label = "the closure returns no future"
)]
pub trait ReturnedFuture {
    /// What a run returns.
    type Output;

    #[doc(hidden)]
    fn boxed(self) -> CheckFuture<'static>
    where
        Self: Send + 'static,
        Self::Output: IntoOutcome;
}

#[diagnostic::do_not_recommend]
impl<F: Future> ReturnedFuture for F {
    type Output = F::Output;

    fn boxed(self) -> CheckFuture<'static>
    where
        Self: Send + 'static,
        F::Output: IntoOutcome,
    {
        Box::pin(async move { self.await.into_outcome() })
    }
}

/// Returns a check that gets a clone of `state` for each run, such as a pool or an `Arc`.
///
/// ```
/// use std::sync::Arc;
/// use health_runtime::{Check, with};
///
/// struct Queue {
///     waiting: usize,
/// }
///
/// let queue = Arc::new(Queue { waiting: 7 });
/// let check = Check::readiness("queue", with(queue, |queue| async move {
///     if queue.waiting < 100 { Ok(()) } else { Err("queue is full") }
/// }));
/// ```
pub fn with<S, F, Fut>(state: S, run: F) -> With
where
    S: Clone + Send + Sync + 'static,
    F: Fn(S) -> Fut + Send + Sync + 'static,
    Fut: ReturnedFuture<Output: IntoOutcome> + Send + 'static,
{
    With(Box::new(move || run(state.clone()).boxed()))
}

/// What a check with its state runs. Returned by [`with`].
// Not an `impl Run`, with which every mistake in the closure is two errors.
pub struct With(Box<dyn Fn() -> CheckFuture<'static> + Send + Sync>);

impl Run for With {
    fn start(&self) -> CheckFuture<'static> {
        self.0()
    }
}

/// Returns a check whose closure may block its thread. Each run has a dedicated thread, as a plain `fn` with the attribute has.
///
/// A run that is past its timeout cannot be cancelled: the check is down, and no second run starts until it ends.
///
/// ```
/// use health_runtime::{Check, blocking};
///
/// let hosts = blocking(|| std::fs::metadata("/etc/hosts").map(drop));
/// let check = Check::readiness("hosts", hosts);
/// ```
pub fn blocking<F, O>(run: F) -> Blocking
where
    F: Fn() -> O + Send + Sync + 'static,
    O: IntoOutcome,
{
    Blocking(Box::new(move || run().into_outcome()))
}

/// What a check that may block its thread runs. Returned by [`blocking`].
pub struct Blocking(Box<dyn Fn() -> Outcome + Send + Sync>);

impl Run for Blocking {
    fn start(&self) -> CheckFuture<'static> {
        let outcome = self.block();
        Box::pin(async { outcome })
    }

    fn is_blocking(&self) -> bool {
        true
    }

    fn block(&self) -> Outcome {
        self.0()
    }
}

impl fmt::Debug for With {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("With").finish_non_exhaustive()
    }
}

impl fmt::Debug for Blocking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blocking").finish_non_exhaustive()
    }
}
