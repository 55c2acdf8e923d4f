//! Runs checks: each run a task of its own on one runtime, one run of a check at a time, waited for until the deadline.
//!
//! - `run`: one run, under its limit, with a panic contained.
//! - `cell`: one check, where it stands, and the rule that nobody joins a run with a second one.
//! - `landing`: the task of one run, which says how the run ended, however it ends.
//! - `awaited`: a run that somebody waits for.
//! - `board`: where one check stands, for all to read and to wait for.
//! - `schedule`: runs in the background.
//! - `words`: what the application reports in place of runs.
//! - `seen`: what a reader sees of a check, and what is noticed thereby.
//! - `measured`: what a scrape reads of a check.

mod check_runner;
mod execute;
mod observe;
mod reported;
mod reporter;
pub(crate) mod run_context;
mod run_task;
mod run_waiter;
mod schedule;
#[cfg(feature = "prometheus")]
mod scrape;
mod shared_state;
pub(crate) mod test_clock;

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use crate::core::events::Ledger;
use crate::core::model::check_history::Record;
use crate::core::model::name;
use crate::core::model::report::Phase;
use crate::core::model::verdict::Seen;
use crate::core::registry::worker_watch::Workers;
use crate::core::registry::{Registered, Runner};
use check_runner::Cell;
pub(crate) use reported::Words;
pub(crate) use reporter::There;
pub use reporter::{Reporter, ReporterError};
#[cfg(feature = "prometheus")]
pub(crate) use scrape::Measured;

/// No answer is kept for longer, whatever is in it.
const LONGEST_PREPARED: Duration = Duration::from_secs(1);

/// The checks of one `Health`, and what runs them. Dropping it stops everything that it began.
pub(crate) struct Engine {
    /// Sorted by name.
    cells: Box<[Arc<Cell>]>,
    words: Box<[(usize, Words)]>,
    schedules: Box<[(usize, JoinHandle<()>)]>,
    runtime: Handle,
    deadline: Duration,
    ledger: Arc<Ledger>,
}

impl Engine {
    /// Begins the background runs.
    pub(crate) fn start(checks: Vec<Registered>, runtime: Handle, deadline: Duration, phase: Phase) -> Self {
        let ledger = Arc::new(Ledger::new(&checks, phase));
        let indexed = checks.into_iter().enumerate();
        let cells: Box<[Arc<Cell>]> =
            indexed.map(|(index, check)| Arc::new(Cell::new(check, index, deadline, &ledger))).collect();
        let reported = cells.iter().enumerate().filter(|(_, cell)| matches!(cell.check.runner, Runner::Reported));
        let words = reported.map(|(index, cell)| (index, Words::new(Arc::clone(cell)))).collect();
        let in_background = cells.iter().enumerate().filter_map(|(index, cell)| {
            let interval = cell.check.policy.interval.filter(|_| cell.check.runner.has_runs())?;
            Some((index, runtime.spawn(schedule::follow(Arc::clone(cell), interval, runtime.clone()))))
        });
        let schedules = in_background.collect();
        Self { cells, words, schedules, runtime, deadline, ledger }
    }

    /// Every check, in the order of their names.
    pub(crate) fn checks(&self) -> impl Iterator<Item = &Arc<Registered>> {
        self.cells.iter().map(|cell| &cell.check)
    }

    #[cfg(any(feature = "kubernetes", feature = "systemd"))]
    pub(crate) fn deadline(&self) -> Duration {
        self.deadline
    }

    pub(crate) fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    /// Where the words of a reported check are gathered.
    pub(crate) fn words(&self, name: &str) -> Option<&Words> {
        self.words.iter().find(|(index, _)| name::same(&self.cells[*index].check.name, name)).map(|(_, words)| words)
    }

    /// The workers that are watched, if they are.
    pub(crate) fn workers(&self) -> Option<&Arc<Workers>> {
        self.cells.iter().find_map(|cell| match &cell.check.runner {
            Runner::Watched(workers) => Some(workers),
            Runner::Linked(..) | Runner::Own(_) | Runner::Reported => None,
        })
    }

    /// Notices what has become of the workers, as a probe would.
    pub(crate) fn notice_workers(&self, now: Instant) {
        let watched = self.cells.iter().filter(|cell| matches!(cell.check.runner, Runner::Watched(_)));
        watched.for_each(|cell| drop(cell.seen(now, now)));
    }

    /// Runs the chosen checks that are stale, all at once, and waits until they have ended or are overdue, at most
    /// until the deadline of a probe that began at `asked`.
    pub(crate) async fn refresh(&self, asked: Instant, chosen: impl Fn(&Registered) -> bool) {
        let chosen = self.cells.iter().filter(|cell| chosen(&cell.check));
        // With room for all at once: while it grows it would be copied again and again.
        let mut awaited = Vec::with_capacity(self.cells.len());
        awaited.extend(chosen.filter_map(|cell| cell.refresh(asked, &self.runtime)));
        if awaited.is_empty() {
            return;
        }
        let all = async {
            for run in awaited {
                run.ended().await;
            }
        };
        // At the deadline the readings say which results are missing.
        let _ = timeout_at(asked + self.deadline, all).await;
    }

    /// What a probe that began at `asked` sees of the chosen checks now.
    pub(crate) fn seen(
        &self,
        now: Instant,
        asked: Instant,
        chosen: impl Fn(&Registered) -> bool,
    ) -> impl Iterator<Item = (&Arc<Registered>, Seen)> {
        let chosen = self.cells.iter().filter(move |cell| chosen(&cell.check));
        chosen.map(move |cell| (&cell.check, cell.seen(now, asked)))
    }

    /// The same, for a decision that is no answer: changes are not noticed, because nobody asked for these checks, so that
    /// they may be stale for no other reason.
    pub(crate) fn peek(
        &self,
        now: Instant,
        asked: Instant,
        chosen: impl Fn(&Registered) -> bool,
    ) -> Vec<(&Arc<Registered>, Seen)> {
        let chosen = self.cells.iter().filter(|cell| chosen(&cell.check));
        chosen.map(|cell| (&cell.check, cell.read(now, asked))).collect()
    }

    /// Until when an answer about the chosen checks that is made at `now` holds, if nothing happens. `None`: it does
    /// not, because the next probe runs one of them.
    pub(crate) fn holds_until(&self, now: Instant, chosen: impl Fn(&Registered) -> bool) -> Option<Instant> {
        let mut chosen = self.cells.iter().filter(|cell| chosen(&cell.check));
        chosen.try_fold(now + LONGEST_PREPARED, |until, cell| Some(until.min(cell.holds_until(now)?)))
    }

    /// What is remembered of the changes of a check at `now`.
    pub(crate) fn record(&self, check: &Registered, now: Instant) -> Record {
        self.place(check).map(|index| self.ledger.record(index, now)).unwrap_or_default()
    }

    /// Ends the runs of the checks that only startup asked for; each keeps what was seen of it.
    pub(crate) fn settle_startup(&self, seen: &[(&Arc<Registered>, Seen)]) {
        let seen = seen.iter().filter(|(check, _)| check.is_startup_only());
        for (check, seen) in seen {
            let Some((index, cell)) = self.place(check).and_then(|index| Some((index, self.cells.get(index)?))) else { continue };
            cell.settle(seen.verdict.clone());
            self.schedules.iter().filter(|(scheduled, _)| *scheduled == index).for_each(|(_, task)| task.abort());
        }
    }

    /// The place of a check in the order of names.
    fn place(&self, check: &Registered) -> Option<usize> {
        self.cells.binary_search_by(|cell| cell.check.name.cmp(&check.name)).ok()
    }

    /// A task that does nothing, and so ends as soon as the runtime of the checks turns.
    #[cfg(feature = "systemd")]
    pub(crate) fn turn(&self) -> JoinHandle<()> {
        self.runtime.spawn(async {})
    }

    /// How many runs are past their limit and cannot be cut off.
    pub(crate) fn stuck(&self, now: Instant) -> usize {
        self.cells.iter().filter(|cell| cell.is_stuck(now)).count()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.schedules.iter().for_each(|(_, task)| task.abort());
        self.cells.iter().for_each(|cell| cell.abort());
    }
}
