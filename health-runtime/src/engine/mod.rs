//! Runs checks: each run a task of its own on one runtime, one run of a check at a time, waited for until the deadline.
//!
//! - `run`: one run, under its limit, with a panic contained.
//! - `cell`: one check, where it stands, and the rule that nobody joins a run with a second one.

mod cell;
mod run;

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

use crate::registry::Registered;
use crate::verdict::{Reading, Seen};
use cell::Cell;

/// The checks of one `Health`, and what runs them.
pub(crate) struct Engine {
    /// Sorted by name.
    cells: Vec<Arc<Cell>>,
    runtime: Handle,
    deadline: Duration,
}

impl Engine {
    pub(crate) fn new(checks: Vec<Registered>, runtime: Handle, deadline: Duration) -> Self {
        let cells = checks.into_iter().map(|check| Arc::new(Cell::new(check))).collect();
        Self { cells, runtime, deadline }
    }

    /// Every check, in the order of their names.
    pub(crate) fn checks(&self) -> impl Iterator<Item = &Registered> {
        self.cells.iter().map(|cell| &cell.check)
    }

    /// Runs the chosen checks that are stale, all at once, and waits until they have ended or are overdue, at most
    /// until the deadline of a probe that began at `asked`.
    pub(crate) async fn refresh(&self, asked: Instant, chosen: impl Fn(&Registered) -> bool) {
        let chosen = self.cells.iter().filter(|cell| chosen(&cell.check));
        let awaited: Vec<_> = chosen.filter_map(|cell| cell.refresh(asked, &self.runtime)).collect();
        if awaited.is_empty() {
            return;
        }
        let all = async {
            for run in awaited {
                run.ended().await;
            }
        };
        // At the deadline the readings below say which results are missing.
        let _ = timeout_at(asked + self.deadline, all).await;
    }

    /// What a probe that began at `asked` sees of the chosen checks now.
    pub(crate) fn seen(
        &self,
        now: Instant,
        asked: Instant,
        startup_passed: bool,
        chosen: impl Fn(&Registered) -> bool,
    ) -> impl Iterator<Item = (&Registered, Seen)> {
        self.cells.iter().filter(move |cell| chosen(&cell.check)).map(move |cell| {
            let check = &cell.check;
            let settled = startup_passed && check.is_startup_only();
            let reading = Reading {
                now,
                asked,
                deadline: self.deadline,
                timeout: check.policy.timeout,
                age_limit: (!settled).then(|| check.policy.age_limit(self.deadline)),
            };
            (check, cell.standing().seen(&reading))
        })
    }
}
