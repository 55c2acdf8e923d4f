//! One check in the engine: where it stands, and at most one run of it at a time.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::run;
use crate::registry::Registered;
use crate::verdict::{End, Finished, Flight, Standing, Thresholds, Verdict};

/// One check and where it stands. Written by the task that runs the check; its lock is held for a copy only.
pub(super) struct Cell {
    pub(super) check: Registered,
    standing: watch::Sender<Standing>,
}

/// A run that a probe waits for.
pub(super) struct Awaited {
    standing: watch::Receiver<Standing>,
    runs: u64,
    timeout: Duration,
}

impl Cell {
    pub(super) fn new(check: Registered) -> Self {
        Self { check, standing: watch::Sender::default() }
    }

    pub(super) fn standing(&self) -> Standing {
        self.standing.borrow().clone()
    }

    /// Makes sure that a result which counts is there or under way, for a probe that began at `asked`.
    /// `None` when there is nothing to wait for.
    pub(super) fn refresh(self: &Arc<Self>, asked: Instant, runtime: &Handle) -> Option<Awaited> {
        if self.is_fresh(&self.standing.borrow(), asked) {
            return None;
        }
        // The claim and the look that justifies it are one step, so that late callers find the run of the first.
        let mut claimed = false;
        let mut runs = 0;
        self.standing.send_if_modified(|standing| {
            claimed = standing.flight.is_none() && !self.is_fresh(standing, asked);
            if claimed {
                standing.flight = Some(Flight::default());
            }
            runs = standing.runs;
            false
        });
        let timeout = self.check.policy.timeout;
        let awaited = Awaited { standing: self.standing.subscribe(), runs, timeout };
        if claimed {
            let landing = Landing { cell: Arc::clone(self), since: None, end: None };
            // A runtime that was shut down drops the task at once, and the landing says so.
            drop(runtime.spawn(landing.fly()));
        }
        Some(awaited)
    }

    /// Whether a probe that began at `asked` need not run it.
    fn is_fresh(&self, standing: &Standing, asked: Instant) -> bool {
        standing.verdict.as_ref().is_some_and(|verdict| {
            let age = asked.saturating_duration_since(verdict.ended);
            verdict.ended > asked || age < self.check.policy.cache
        })
    }

    fn thresholds(&self) -> Thresholds {
        let policy = &self.check.policy;
        Thresholds { failure: policy.failure_threshold, success: policy.success_threshold }
    }

    fn take_off(&self, since: Instant) {
        self.standing.send_if_modified(|standing| {
            standing.flight = Some(Flight { since: Some(since), overdue: false });
            false
        });
    }

    fn land(&self, end: End, since: Option<Instant>) {
        let ended = Instant::now();
        let took = since.map_or(Duration::ZERO, |since| ended.saturating_duration_since(since));
        let run = Finished { end, took, ended };
        self.standing.send_modify(|standing| {
            let timeout = self.check.policy.timeout;
            let verdict = Verdict::after(standing.verdict.as_deref(), run, timeout, self.thresholds());
            standing.verdict = Some(Arc::new(verdict));
            standing.flight = None;
            standing.runs += 1;
        });
    }

    /// No reader can be told to wait any longer, and no second run may begin.
    fn overdue(&self) {
        self.standing.send_modify(|standing| {
            if let Some(flight) = &mut standing.flight {
                flight.overdue = true;
            }
        });
    }
}

impl Awaited {
    /// Until the run has ended or is known to be overdue.
    pub(super) async fn ended(mut self) {
        loop {
            let limit = {
                let standing = self.standing.borrow_and_update();
                let Some(flight) = standing.flight.filter(|_| standing.runs == self.runs) else { return };
                if flight.is_overdue(Instant::now(), self.timeout) {
                    return;
                }
                flight.limit(self.timeout)
            };
            // The sender lives in the cell, which the engine keeps; if it is gone there is nothing to wait for either.
            let gone = match limit {
                Some(limit) => timeout_at(limit, self.standing.changed()).await.is_ok_and(|changed| changed.is_err()),
                None => self.standing.changed().await.is_err(),
            };
            if gone {
                return;
            }
        }
    }
}

/// Says how a run ended, however it ends: also when its task is dropped or unwinds.
struct Landing {
    cell: Arc<Cell>,
    since: Option<Instant>,
    end: Option<End>,
}

impl Landing {
    async fn fly(mut self) {
        let since = Instant::now();
        self.since = Some(since);
        self.cell.take_off(since);
        let Registered { runner, name, policy, .. } = &self.cell.check;
        let end = run::run(runner, name, policy.timeout, || self.cell.overdue()).await;
        self.end = Some(end);
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        let end = self.end.take().unwrap_or(if thread::panicking() { End::Panicked } else { End::RuntimeStopped });
        self.cell.land(end, self.since);
    }
}
