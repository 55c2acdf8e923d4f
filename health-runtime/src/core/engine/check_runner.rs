//! One check in the engine: where it stands, and at most one run of it at a time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::execute::Ran;
use super::run_task::Landing;
use super::run_waiter::Awaited;
use super::shared_state::Board;
use crate::core::engine::run_context::Limits;
use crate::core::events::{Ledger, Meters};
use crate::core::model::status::Status;
use crate::core::model::verdict::{Finished, Flight, Standing, Thresholds, Verdict};
use crate::core::registry::Registered;

/// One check and where it stands.
pub(super) struct Cell {
    pub(super) check: Arc<Registered>,
    /// Its place in the order of names.
    pub(super) index: usize,
    pub(super) deadline: Duration,
    /// `None`: its results never grow old.
    pub(super) age_limit: Option<Duration>,
    pub(super) board: Arc<Board>,
    /// Gone once the last `Health` is, so that subscribers hear of the end whatever still runs.
    pub(super) ledger: Weak<Ledger>,
    pub(super) meters: Arc<Meters>,
    /// The run under way, to be stopped when the last `Health` is gone.
    task: Mutex<Option<JoinHandle<()>>>,
    slow: AtomicBool,
}

impl Cell {
    pub(super) fn new(check: Registered, index: usize, deadline: Duration, ledger: &Arc<Ledger>) -> Self {
        let ages = check.policy.interval.is_some() || check.runner.has_runs();
        let age_limit = ages.then(|| check.policy.age_limit(deadline));
        let (check, board) = (Arc::new(check), Arc::default());
        let (ledger, meters) = (Arc::downgrade(ledger), Arc::clone(ledger.meters()));
        Self { check, index, deadline, age_limit, board, ledger, meters, task: Mutex::default(), slow: AtomicBool::new(false) }
    }

    /// Whether a run is past its limit and cannot be cut off.
    pub(super) fn is_stuck(&self, now: Instant) -> bool {
        self.board.read(|standing| standing.is_stuck(now, self.check.policy.timeout))
    }

    /// Only a check that runs on demand is run for a probe.
    pub(super) fn is_on_demand(&self) -> bool {
        self.check.policy.interval.is_none() && self.check.runner.has_runs()
    }

    /// Makes sure that a result which counts is there or under way, for a probe that began at `asked`.
    /// `None` when there is nothing to wait for.
    pub(super) fn refresh(self: &Arc<Self>, asked: Instant, runtime: &Handle) -> Option<Awaited> {
        if !self.is_on_demand() {
            return None;
        }
        self.claim(runtime, |standing| !self.is_fresh(standing, asked))
    }

    /// One run, to its very end.
    pub(super) async fn run(self: &Arc<Self>, runtime: &Handle) {
        if let Some(run) = self.claim(runtime, |_| true) {
            run.landed().await;
        }
    }

    /// Begins a run unless one is under way; `None` when none is wanted. The claim and the look that justifies it are
    /// one step, so that late callers find the run of the first.
    fn claim(self: &Arc<Self>, runtime: &Handle, wanted: impl FnOnce(&Standing) -> bool) -> Option<Awaited> {
        let (claimed, runs) = self.board.note(|standing| {
            let claimed = standing.flight.is_none();
            wanted(standing).then(|| {
                standing.flight.get_or_insert_default();
                (claimed, standing.runs)
            })
        })?;
        let awaited = Awaited::new(Arc::clone(&self.board), runs, self.check.policy.timeout);
        if claimed {
            let landing = Landing::new(Arc::clone(self));
            // A runtime that was shut down drops the task at once, and the landing says so.
            *self.task() = Some(runtime.spawn(landing.fly()));
        }
        Some(awaited)
    }

    /// Stops the run under way, unless it blocks its thread.
    pub(super) fn abort(&self) {
        if let Some(task) = self.task().take() {
            task.abort();
        }
    }

    /// Whether a probe that began at `asked` need not run it.
    fn is_fresh(&self, standing: &Standing, asked: Instant) -> bool {
        let counts = |verdict: &Arc<Verdict>| {
            verdict.ended > asked || asked.saturating_duration_since(verdict.ended) < self.check.policy.cache
        };
        standing.settled || standing.verdict.as_ref().is_some_and(counts)
    }

    /// Until when what is seen at `now` holds, if nothing happens; `None` when the next probe runs it anyway, or where the
    /// verdict is made when it is read.
    pub(super) fn holds_until(&self, now: Instant) -> Option<Instant> {
        let (ended, settled, flight) = self
            .board
            .read(|standing| standing.verdict.as_ref().map(|verdict| (verdict.ended, standing.settled, standing.flight)))?;
        if settled {
            return Some(now + super::LONGEST_PREPARED);
        }
        let until = if self.is_on_demand() {
            ended + self.check.policy.cache
        } else {
            self.age_limit.map_or(now + super::LONGEST_PREPARED, |limit| ended + limit)
        };
        let overdue = flight.and_then(|flight| flight.limit(self.check.policy.timeout));
        let until = overdue.map_or(until, |overdue| until.min(overdue));
        (until > now).then_some(until)
    }

    /// What a run that began at `since` has to keep to.
    pub(super) fn limits(&self, since: Instant) -> Limits {
        Limits { since, timeout: self.check.policy.timeout, age: self.age_limit.unwrap_or(Duration::MAX) }
    }

    fn thresholds(&self) -> Thresholds {
        let policy = &self.check.policy;
        Thresholds { failure: policy.failure_threshold, success: policy.success_threshold }
    }

    pub(super) fn take_off(&self, since: Instant) {
        self.board.note(|standing| standing.flight = Some(Flight { since: Some(since), overdue: false }));
        // An answer of before does not know when this run is overdue. On demand the answer comes after the run.
        if !self.is_on_demand()
            && let Some(ledger) = self.ledger.upgrade()
        {
            ledger.advance();
        }
    }

    pub(super) fn land(&self, ran: Ran, since: Option<Instant>) {
        let Ran { end, blocked, ended } = ran;
        let (timeout, took) = (self.check.policy.timeout, since.map(|since| ended.saturating_duration_since(since)));
        let run = Finished::new(end, Some(took.unwrap_or_default()), ended, timeout);
        let result = run.result;
        let is_told = result.status() == Status::Down && self.is_told_down();
        self.board.note(|standing| {
            let told_down = is_told && standing.is_stuck(ended, timeout);
            standing.flight = None;
            standing.runs += 1;
            self.judge(standing, run, told_down);
        });
        // What listens to these is the application's: it may take its time, and the run has ended before.
        self.warn_when_slow(took.unwrap_or_default(), blocked);
        self.meters.ran(self.index, result, took, ended);
        self.tell(ended);
    }

    pub(super) fn judge(&self, standing: &mut Standing, run: Finished, told_down: bool) {
        if !standing.settled {
            let verdict = Verdict::after(standing.verdict.as_deref(), run, told_down, self.thresholds());
            standing.verdict = Some(Arc::new(verdict));
        }
    }

    fn is_told_down(&self) -> bool {
        self.ledger.upgrade().is_some_and(|ledger| ledger.is_told(self.index, Status::Down))
    }

    /// No reader can be told to wait any longer, and no second run may begin.
    pub(super) fn overdue(&self) {
        self.change(Instant::now(), |standing| {
            if let Some(flight) = &mut standing.flight {
                flight.overdue = true;
            }
        });
    }

    /// Keeps this verdict for good: startup has passed with it. A run that is still under way changes nothing any more,
    /// or its late failure would stand for ever.
    pub(super) fn settle(&self, verdict: Option<Arc<Verdict>>) {
        self.change(Instant::now(), |standing| {
            standing.verdict = verdict;
            standing.settled = true;
        });
    }

    fn change(&self, now: Instant, change: impl FnOnce(&mut Standing)) {
        self.board.note(change);
        self.tell(now);
    }

    /// Tells of a change to whoever waits for it or has subscribed.
    pub(super) fn tell(&self, now: Instant) {
        self.board.wake();
        if let Some(ledger) = self.ledger.upgrade() {
            ledger.advance();
            self.notice(&ledger, &self.read(now, now), now, now);
        }
    }

    /// Once, and again only after it was fast.
    fn warn_when_slow(&self, took: Duration, blocked: Duration) {
        let limit = self.check.policy.timeout;
        let slow = took > limit / 2 || blocked > limit / 2;
        if self.slow.swap(slow, Ordering::Relaxed) || !slow {
            return;
        }
        let name = &*self.check.name;
        if blocked > limit / 2 {
            tracing::warn!(
                check = name,
                ?blocked,
                ?limit,
                "health check blocked its thread and so every other on it; await what it waits for, or make it a plain `fn`"
            );
        } else {
            tracing::warn!(check = name, ?took, ?limit, "health check took more than half its limit");
        }
    }

    fn task(&self) -> MutexGuard<'_, Option<JoinHandle<()>>> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
