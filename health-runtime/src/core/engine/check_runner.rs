//! Runs one check, and publishes what its runs change.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::MAX_RESPONSE_AGE;
use super::execute::CompletedRun;
use super::run_context::RunContext;
use super::shared_state::SharedState;
use crate::core::events::TransitionPublisher;
use crate::core::events::recorder::Recorders;
use crate::core::model::status::Status;
use crate::core::model::verdict::{CheckState, FinishedRun, InFlightRun, RunResult, Thresholds, Verdict};
use crate::core::registry::RegisteredCheck;
use crate::text::truncate::truncate_and_mask;

/// One check in the engine.
pub(super) struct CheckRunner {
    pub(super) check: Arc<RegisteredCheck>,
    /// The index in the order of names.
    pub(super) index: usize,
    pub(super) deadline: Duration,
    /// `None`: results never become stale.
    pub(super) max_age: Option<Duration>,
    pub(super) state: Arc<SharedState>,
    /// Weak, so that subscribers see the end of the last `Health` although a run is still in flight.
    pub(super) publisher: Weak<TransitionPublisher>,
    pub(super) recorders: Arc<Recorders>,
    /// The task of the run in flight, aborted when the last `Health` is dropped.
    run_task: Mutex<Option<JoinHandle<()>>>,
    warned_slow: AtomicBool,
    warned_details: AtomicBool,
}

impl CheckRunner {
    pub(super) fn new(check: RegisteredCheck, index: usize, deadline: Duration, publisher: &Arc<TransitionPublisher>) -> Self {
        let becomes_stale = check.policy.interval.is_some() || check.source.is_executable();
        Self {
            max_age: becomes_stale.then(|| check.policy.max_age(deadline)),
            check: Arc::new(check),
            index,
            deadline,
            state: Arc::default(),
            publisher: Arc::downgrade(publisher),
            recorders: Arc::clone(publisher.recorders()),
            run_task: Mutex::default(),
            warned_slow: AtomicBool::new(false),
            warned_details: AtomicBool::new(false),
        }
    }

    /// Whether a run is overdue.
    pub(super) fn is_stuck(&self, now: Instant) -> bool {
        self.state.with(|state| state.is_stuck(now, self.check.policy.timeout))
    }

    /// Whether probes run the check. The others run in the background or have no runs.
    pub(super) fn is_on_demand(&self) -> bool {
        self.check.policy.interval.is_none() && self.check.source.is_executable()
    }

    /// Aborts the run in flight, unless it blocks its thread.
    pub(super) fn abort(&self) {
        if let Some(task) = self.run_task().take() {
            task.abort();
        }
    }

    pub(super) fn run_task(&self) -> MutexGuard<'_, Option<JoinHandle<()>>> {
        self.run_task.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a probe that started at `probe_started_at` need not run the check.
    pub(super) fn is_fresh(&self, state: &CheckState, probe_started_at: Instant) -> bool {
        let is_cached = |verdict: &Arc<Verdict>| {
            verdict.finished_at > probe_started_at
                || probe_started_at.saturating_duration_since(verdict.finished_at) < self.check.policy.cache
        };
        state.frozen || state.verdict.as_ref().is_some_and(is_cached)
    }

    /// Returns until when an observation made at `now` is valid if nothing happens. Returns `None` where the next probe runs the
    /// check, or where the status is computed when it is read.
    pub(super) fn valid_until(&self, now: Instant) -> Option<Instant> {
        let (finished_at, frozen, in_flight) = self
            .state
            .with(|state| state.verdict.as_ref().map(|verdict| (verdict.finished_at, state.frozen, state.in_flight)))?;
        if frozen {
            return Some(now + MAX_RESPONSE_AGE);
        }
        let expires_at = if self.is_on_demand() {
            finished_at + self.check.policy.cache
        } else {
            self.max_age.map_or(now + MAX_RESPONSE_AGE, |max_age| finished_at + max_age)
        };
        let overdue_at = in_flight.and_then(|run| run.overdue_at(self.check.policy.timeout));
        let until = overdue_at.map_or(expires_at, |overdue_at| expires_at.min(overdue_at));
        (until > now).then_some(until)
    }

    pub(super) fn run_context(&self, started_at: Instant) -> RunContext {
        let max_age = self.max_age.unwrap_or(Duration::MAX);
        RunContext { started_at, timeout: self.check.policy.timeout, max_age }
    }

    pub(super) fn on_run_started(&self, started_at: Instant) {
        self.state.update(|state| state.in_flight = Some(InFlightRun { started_at: Some(started_at), overdue: false }));
        // A prepared response does not know when this run becomes overdue. On demand the response follows the run.
        if !self.is_on_demand()
            && let Some(publisher) = self.publisher.upgrade()
        {
            publisher.bump_epoch();
        }
    }

    /// Applies a finished run, and returns its result.
    pub(super) fn on_run_finished(&self, run: CompletedRun, started_at: Option<Instant>) -> RunResult {
        let CompletedRun { outcome, longest_poll, finished_at } = run;
        let timeout = self.check.policy.timeout;
        let duration = started_at.map(|started_at| finished_at.saturating_duration_since(started_at));
        let mut run = FinishedRun::new(outcome, Some(duration.unwrap_or_default()), finished_at, timeout);
        let detail_problem = run.detail_problem.take();
        let result = run.result;
        let is_published_down = !result.is_good() && self.is_published_down();
        self.state.update(|state| {
            let down_was_published = is_published_down && state.is_stuck(finished_at, timeout);
            state.in_flight = None;
            state.completed_runs += 1;
            self.apply_run(state, run, down_was_published);
        });
        self.publish(finished_at, Some(result.status()));
        self.warn_when_slow(duration.unwrap_or_default(), longest_poll);
        self.warn_of_details(detail_problem);
        self.recorders.iter().for_each(|recorder| recorder.run_finished(self.index, result, duration));
        result
    }

    pub(super) fn apply_run(&self, state: &mut CheckState, run: FinishedRun, down_was_published: bool) {
        if !state.frozen {
            let policy = &self.check.policy;
            let thresholds = Thresholds { failure: policy.failure_threshold, success: policy.success_threshold };
            let verdict = Verdict::apply_run(state.verdict.as_deref(), run, down_was_published, thresholds);
            state.verdict = Some(Arc::new(verdict));
        }
    }

    fn is_published_down(&self) -> bool {
        self.publisher.upgrade().is_some_and(|publisher| publisher.is_published(self.index, Status::Down))
    }

    /// Marks the run in flight as overdue: waiters stop waiting, and no second run starts.
    pub(super) fn mark_overdue(&self) {
        self.update_and_publish(|state| {
            if let Some(run) = &mut state.in_flight {
                run.overdue = true;
            }
        });
    }

    /// Keeps this verdict for good, once startup has passed with it. A run in flight no longer changes it: its late failure
    /// would stay for ever.
    pub(super) fn freeze(&self, verdict: Option<Arc<Verdict>>) {
        self.update_and_publish(|state| {
            state.verdict = verdict;
            state.frozen = true;
        });
    }

    fn update_and_publish(&self, update: impl FnOnce(&mut CheckState)) {
        self.state.update(update);
        self.publish(Instant::now(), None);
    }

    /// Logs the first detail that the body cannot show as it was given.
    fn warn_of_details(&self, problem: Option<Box<str>>) {
        if let Some(problem) = problem.filter(|_| !self.warned_details.swap(true, Ordering::Relaxed)) {
            let problem = truncate_and_mask(&problem);
            tracing::warn!(check = &*self.check.name, %problem, "health check returned details that the body cannot show as given");
        }
    }

    /// Logs a slow run once, and again only after a fast one.
    fn warn_when_slow(&self, duration: Duration, longest_poll: Duration) {
        let timeout = self.check.policy.timeout;
        let is_slow = duration > timeout / 2 || longest_poll > timeout / 2;
        if self.warned_slow.swap(is_slow, Ordering::Relaxed) || !is_slow {
            return;
        }
        let name = &*self.check.name;
        if longest_poll > timeout / 2 {
            tracing::warn!(
                check = name,
                blocked = ?longest_poll,
                limit = ?timeout,
                "health check blocked its thread, which delays every other task on it; await instead of blocking, or make it a plain `fn`"
            );
        } else {
            tracing::warn!(check = name, took = ?duration, limit = ?timeout, "health check took more than half its timeout");
        }
    }
}
