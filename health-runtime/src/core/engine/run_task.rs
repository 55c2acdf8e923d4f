//! The single flight: at most one run of a check at a time, each in a task that reports how the run ended.

use std::sync::Arc;
use std::thread;

use tokio::runtime::Handle;
use tokio::time::Instant;

use super::check_runner::CheckRunner;
use super::execute::{CompletedRun, blocking_function, run_on_dedicated_thread, run_with_timeout};
use super::parents::{self, ParentRuns};
use super::run_span::RunSpan;
use super::run_waiter::RunWaiter;
use super::task;
use crate::core::model::verdict::{CheckState, InFlightRun, RunOutcome};

impl CheckRunner {
    /// Ensures that a fresh result exists or a run is in flight, for a probe that started at `probe_started_at`. Returns `None`
    /// when there is nothing to wait for.
    pub(super) fn ensure_fresh(self: &Arc<Self>, probe_started_at: Instant, runtime: &Handle) -> Option<RunWaiter> {
        if !self.is_on_demand() {
            return None;
        }
        self.join_or_spawn(probe_started_at, runtime, |state| !self.is_fresh(state, probe_started_at))
    }

    /// Ensures that there is a result: as a probe does, or of the first run in the background.
    pub(super) fn ensure_result(self: &Arc<Self>, started_at: Instant, runtime: &Handle) -> Option<RunWaiter> {
        if self.is_on_demand() || !self.check.source.is_executable() {
            return self.ensure_fresh(started_at, runtime);
        }
        self.join_or_spawn(started_at, runtime, |state| state.verdict.is_none() && !state.frozen)
    }

    /// Runs the check once, until the run finishes.
    pub(super) async fn run_to_completion(self: &Arc<Self>, runtime: &Handle) {
        let started_at = Instant::now();
        let mut ancestors: Vec<_> = self.parents().iter().collect();
        parents::add_ancestors(&mut ancestors);
        for ancestor in ancestors {
            drop(ancestor.ensure_result(started_at, runtime));
        }
        if let Some(run) = self.join_or_spawn(started_at, runtime, |_| true) {
            run.finished().await;
        }
    }

    /// Joins the run in flight or spawns one. Returns `None` when `is_needed` rejects the state. The decision and the claim are
    /// one critical section, so that concurrent callers share one run.
    fn join_or_spawn(
        self: &Arc<Self>,
        started_at: Instant,
        runtime: &Handle,
        is_needed: impl FnOnce(&CheckState) -> bool,
    ) -> Option<RunWaiter> {
        let (claimed, runs_before) = self.state.update(|state| {
            let claimed = state.in_flight.is_none();
            is_needed(state).then(|| {
                state.in_flight.get_or_insert_with(InFlightRun::default);
                (claimed, state.ended_runs)
            })
        })?;
        let waiter = RunWaiter::new(Arc::clone(self), runs_before);
        if claimed {
            let guard = RunGuard { runner: Arc::clone(self), run: runs_before + 1, started_at: None, completed: false };
            // A runtime that was shut down drops the task at once, and the guard reports that.
            let task = if self.parents().is_empty() {
                task::spawn(runtime, guard.execute())
            } else {
                task::spawn(runtime, guard.execute_after(self.refresh_parents(started_at, runtime)))
            };
            self.task.set(runs_before + 1, task);
        }
        Some(waiter)
    }
}

/// Reports how a run ended, also when its task is dropped or unwinds.
struct RunGuard {
    runner: Arc<CheckRunner>,
    /// The number of the run, from 1 on.
    run: u64,
    started_at: Option<Instant>,
    completed: bool,
}

impl RunGuard {
    /// Runs a check that runs after others. Not a part of [`execute`](Self::execute), whose future would be larger for every check.
    async fn execute_after(mut self, parents: ParentRuns) {
        if self.runner.skips_run(parents).await {
            self.completed = true;
        } else {
            self.execute().await;
        }
    }

    /// What only some checks await is boxed: the future of every run would be larger.
    #[expect(clippy::manual_async_fn, reason = "the future of an `async fn` contains an argument that changes twice")]
    fn execute(mut self) -> impl Future<Output = ()> {
        async move {
            let started_at = Instant::now();
            self.started_at = Some(started_at);
            self.runner.on_run_started(started_at);
            let check = &*self.runner.check;
            let span = RunSpan::new(check);
            let context = self.runner.run_context(started_at);
            let run = match blocking_function(&check.source) {
                Some(function) => {
                    let on_overdue = || self.runner.mark_overdue();
                    let run = run_on_dedicated_thread(function, &check.name, context, &span, on_overdue);
                    CompletedRun::now(Box::pin(run).await)
                }
                None => run_with_timeout(&check.source, &context, &span).await,
            };
            let run = match self.runner.peers.get() {
                Some(_) => Box::pin(self.runner.ask_before_end(run, started_at)).await,
                None => run,
            };
            self.completed = true;
            let result = self.runner.on_run_finished(run, self.started_at);
            span.record_outcome(result.as_str());
        }
    }
}

impl Drop for RunGuard {
    fn drop(&mut self) {
        if !self.completed {
            let outcome = if thread::panicking() { RunOutcome::Panicked } else { RunOutcome::RuntimeStopped };
            self.runner.on_run_finished(CompletedRun::now(outcome), self.started_at);
        }
        self.runner.task.clear(self.run);
    }
}
