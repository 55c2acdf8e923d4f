//! Runs one check, and publishes what its runs change.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::MAX_RESPONSE_AGE;
use super::execute::CompletedRun;
use super::peers::peer_watch::PeerWatch;
use super::run_context::RunContext;
use super::shared_state::SharedState;
use super::slow_runs::SlowRuns;
use super::task_slot::TaskSlot;
use crate::core::events::{TransitionPublisher, notifier};
use crate::core::model::status::Status;
use crate::core::model::verdict::{
    CheckState, FinishedRun, HeartbeatReading, InFlightRun, MaskMemo, RunResult, SeenBefore, Thresholds, Verdict,
};
use crate::core::registry::{RegisteredCheck, StatusSource};
use crate::text::truncate::truncate_and_mask;

/// One check in the engine.
pub(super) struct CheckRunner {
    pub(super) check: Arc<RegisteredCheck>,
    /// The index in the order of names.
    pub(super) index: usize,
    pub(super) deadline: Duration,
    /// `None`: results never become stale.
    pub(super) max_age: Option<Duration>,
    pub(super) state: SharedState,
    pub(super) publisher: Arc<TransitionPublisher>,
    /// The task of the run in flight, aborted when the last `Health` is dropped.
    pub(super) task: TaskSlot,
    /// Empty for a check without parents and children.
    pub(super) relatives: OnceLock<Box<Relatives>>,
    /// Empty for a check that asks no peers.
    pub(super) peers: OnceLock<Box<PeerWatch>>,
    pub(super) memo: MaskMemo,
    slow_runs: SlowRuns,
    warned_details: AtomicBool,
}

/// The neighbours of a check in the graph of `after`.
#[derive(Default)]
pub(super) struct Relatives {
    pub(super) parents: Vec<Arc<CheckRunner>>,
    pub(super) children: Vec<Weak<CheckRunner>>,
    /// Notified when a skipped check that runs in the background may run again.
    pub(super) recovered: Notify,
}

impl CheckRunner {
    pub(super) fn new(
        check: Arc<RegisteredCheck>,
        index: usize,
        deadline: Duration,
        publisher: &Arc<TransitionPublisher>,
    ) -> Self {
        let state = SharedState::default();
        if check.max_silence().is_some() {
            state.update(|state| state.last_report_at = Some(Instant::now()));
        }
        Self {
            max_age: check.source.is_executable().then(|| check.policy.max_age(deadline)),
            state,
            check,
            index,
            deadline,
            publisher: Arc::clone(publisher),
            task: TaskSlot::default(),
            relatives: OnceLock::new(),
            peers: OnceLock::new(),
            memo: MaskMemo::default(),
            slow_runs: SlowRuns::default(),
            warned_details: AtomicBool::new(false),
        }
    }

    /// Whether a run is overdue.
    pub(super) fn is_stuck(&self, now: Instant) -> bool {
        self.state.with(|state| state.is_stuck(now, self.check.policy.timeout))
    }

    /// Whether a run ended or was skipped.
    pub(super) fn has_run(&self) -> bool {
        self.state.with(|state| state.ended_runs > 0)
    }

    /// Whether probes run the check. The others run in the background or have no runs.
    pub(super) fn is_on_demand(&self) -> bool {
        self.check.policy.interval.is_none() && self.check.source.is_executable()
    }

    /// Whether a probe that started at `probe_started_at` need not run the check.
    pub(super) fn is_fresh(&self, state: &CheckState, probe_started_at: Instant) -> bool {
        let is_cached = |verdict: &Arc<Verdict>| {
            verdict.finished_at > probe_started_at || verdict.finished_at + self.check.policy.cache > probe_started_at
        };
        state.frozen || state.skipped.is_none() && state.verdict.as_ref().is_some_and(is_cached)
    }

    /// Returns until when an observation made at `now` is valid if nothing happens. Returns `None` where the next probe runs the
    /// check, or where the reason changes with each read.
    pub(super) fn valid_until(&self, now: Instant) -> Option<Instant> {
        if let StatusSource::Heartbeat(watch) = &self.check.source {
            return match self.read_heartbeats(watch, now) {
                HeartbeatReading::Up { stalls_at } => Some(stalls_at),
                HeartbeatReading::Down { is_stalled: true, .. } => None,
                HeartbeatReading::Unregistered | HeartbeatReading::Down { .. } => Some(now + MAX_RESPONSE_AGE),
            };
        }
        let context = self.read_context(now, now);
        let (verdict, silent_at, frozen, in_flight, skipped, limited_until) = self.state.with(|state| {
            let CheckState { verdict, frozen, in_flight, skipped, .. } = state;
            let limited_until = state.limited_until(&context);
            (verdict.clone(), state.silent_at(self.check.max_silence()), *frozen, *in_flight, skipped.is_some(), limited_until)
        });
        if skipped && !frozen {
            // Its parents limit the time.
            return (in_flight.is_none() && self.skip_reason().is_some()).then_some(now + MAX_RESPONSE_AGE);
        }
        let verdict = verdict?;
        if frozen {
            return Some(now + MAX_RESPONSE_AGE);
        }
        let expires_at = if self.is_on_demand() {
            verdict.finished_at + self.check.policy.cache
        } else {
            self.max_age.map(|max_age| verdict.finished_at + max_age).or(silent_at).unwrap_or(now + MAX_RESPONSE_AGE)
        };
        let overdue_at = in_flight.and_then(|run| run.overdue_at(self.check.policy.timeout));
        let replaced_at = verdict.replaced_at().filter(|replaced_at| *replaced_at > now);
        let limited_until = limited_until.filter(|until| *until > now);
        let until = [overdue_at, replaced_at, limited_until].into_iter().flatten().fold(expires_at, Instant::min);
        (until > now).then_some(until)
    }

    pub(super) fn run_context(&self, started_at: Instant) -> RunContext {
        let max_age = self.max_age.unwrap_or(Duration::MAX);
        RunContext { started_at, timeout: self.check.policy.timeout, max_age }
    }

    pub(super) fn on_run_started(&self, started_at: Instant) {
        self.state.update(|state| state.in_flight = Some(InFlightRun { started_at: Some(started_at), ..InFlightRun::default() }));
        // A prepared response does not know when this run becomes overdue. On demand the response follows the run.
        if !self.is_on_demand() {
            self.publisher.bump_epoch();
        }
    }

    /// Applies a finished run, and returns its result.
    pub(super) fn on_run_finished(&self, run: CompletedRun, started_at: Option<Instant>) -> RunResult {
        let CompletedRun { outcome, longest_poll, finished_at } = run;
        let timeout = self.check.policy.timeout;
        let duration = started_at.map(|started_at| finished_at.saturating_duration_since(started_at));
        let run = FinishedRun::new(outcome, Some(duration.unwrap_or_default()), finished_at, timeout, &self.memo);
        let mut run = run.degraded_if_above(self.check.policy.slow);
        let detail_problem = run.detail_problem.take();
        let result = run.result;
        let is_published_down = !result.is_good() && self.publisher.is_published(self.index, Status::Down);
        let return_delay = self.return_delay().filter(|_| result.is_good());
        self.state.update(|state| {
            let overdue = is_published_down && state.is_stuck(finished_at, timeout);
            state.in_flight = None;
            state.ended_runs += 1;
            let skipped = self.end_skip(state);
            self.apply_run(state, run, SeenBefore { overdue, skipped }, return_delay);
        });
        self.publish(finished_at, Some(result.status()));
        let index = self.index;
        self.publisher.recorders().call(move |recorder| recorder.run_finished(index, result, duration));
        self.slow_runs.warn(&self.check.name, duration.unwrap_or_default(), longest_poll, timeout);
        self.warn_of_details(detail_problem);
        notifier::flush();
        result
    }

    pub(super) fn apply_run(&self, state: &mut CheckState, run: FinishedRun, seen: SeenBefore, return_delay: Option<Duration>) {
        // A quorum passes startup without the results of some instances. Each is that of the run in flight.
        if !state.frozen || state.verdict.is_none() {
            let policy = &self.check.policy;
            let (failure, success) = (policy.failure_threshold, policy.success_threshold);
            let thresholds = Thresholds { failure, success, grace: policy.grace, return_delay };
            let (previous, now) = (state.verdict.as_ref(), run.finished_at());
            let verdict = Verdict::apply_run(previous, run, seen, thresholds);
            if let Some(cap) = &mut state.failure_cap {
                let was_good = previous.is_some_and(|last| last.at(now).status != Status::Down);
                cap.apply_run(was_good, verdict.status != Status::Down, now);
            }
            // Most verdicts replace one that no report holds.
            match state.verdict.as_mut().and_then(Arc::get_mut) {
                Some(last) => *last = verdict,
                None => state.verdict = Some(Arc::new(verdict)),
            }
        }
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
            state.verdict = verdict.or_else(|| state.verdict.take());
            state.frozen = true;
        });
        self.update_children();
    }

    pub(super) fn update_and_publish(&self, update: impl FnOnce(&mut CheckState)) {
        self.state.update(update);
        self.publish(Instant::now(), None);
        notifier::flush();
    }

    /// Logs the first detail that the body cannot show as it was given.
    fn warn_of_details(&self, problem: Option<Box<str>>) {
        if let Some(problem) = problem.filter(|_| !self.warned_details.swap(true, Ordering::Relaxed)) {
            let (check, problem) = (Arc::clone(&self.check.name), truncate_and_mask(&problem).into_owned());
            notifier::enqueue_log(move || {
                tracing::warn!(check = &*check, %problem, "health check returned details that the body cannot show as given");
            });
        }
    }
}
