//! Runs checks: each run is a task, at most one run of a check is in flight, and a probe waits until the deadline.
//!
//! # The life of a check
//!
//! ```text
//!                 probe or schedule (join_or_spawn)        first poll (on_run_started)
//!   ┌─────────┐ ────────────────────────────────▶ ┌───────────┐ ───────────────▶ ┌───────────┐
//!   │  idle   │                                   │  spawned  │                  │  running  │
//!   └─────────┘ ◀── run finished, timed out, ──── └───────────┘ ◀── dropped ──── └───────────┘
//!        │          panicked or was dropped                                        │       │
//!        │          (on_run_finished)                                              │       │ timeout passed and the run
//!        │                     ▲                                                   │       ▼ cannot be cancelled (mark_overdue)
//!        │                     └───────────────────────────────────────────────────┘  ┌───────────┐
//!        │                     └───────────────────────────────────────────────────── │  overdue  │
//!        ▼ startup passed, startup check only (freeze)                                └───────────┘
//!   ┌─────────┐
//!   │ frozen  │  keeps its verdict for good
//!   └─────────┘
//! ```
//!
//! *Who changes what.* The [`CheckState`](crate::core::model::verdict::CheckState) of a check has one owner, its
//! [`SharedState`](shared_state::SharedState): the claim of a run, its start and its end, a report and the freeze are each one
//! critical section of its lock. What was published (statuses, histories, the timeline, the states of the kinds) has one owner,
//! the [`TransitionPublisher`], with one lock for all checks. `task_slot` guards only the handle of the task.
//!
//! *Lock order.* Reports of reporters → state of a check; publisher → state of a check; publisher → queue of the notifier. The
//! last two are leaves: no other lock is taken while one of them is held. No lock is held while code of the application runs.
//!
//! *Order of publishing.* (1) The state changes. (2) Waiters are woken. (3) The epoch advances, which invalidates prepared
//! responses. (4) If the status differs from the published one, the check is observed again under the lock of the
//! publisher; a new status goes to the history, and is queued for subscribers and for the log. (5) Without a lock: subscribers are
//! woken, recorders are called in place, and the log on the thread of the [`notifier`](crate::core::events::notifier). Panics of
//! this code are contained.
//!
//! *Without a lock* a reader gets the epoch and the published status. A probe with a prepared response takes no lock; any other
//! takes the state of each of its checks for the time of a copy.
//!
//! - `check_runner`, `run_task`, `task_slot`: one check, its single flight, and what a run changes.
//! - `execute`, `dedicated_thread`, `run_span`: one run, with its timeout and its panics contained.
//! - `slow_runs`, `missing_worker`: warnings.
//! - `run_waiter`: waits for a run in flight.
//! - `schedule`, `runtime_heartbeat`: what runs in the background.
//! - `probing`: the probes.
//! - `parents`: checks that run after others.
//! - `peers`: checks that ask other instances.
//! - `reported`, `reporter`: statuses pushed by the application. `heartbeat`: the progress of its tasks.
//! - `observe`, `scrape`: what probes and metrics read.

mod check_runner;
pub(crate) mod dedicated_thread;
mod execute;
mod heartbeat;
mod jitter;
mod missing_worker;
mod observe;
mod parents;
pub(crate) mod peers;
mod probing;
mod reported;
mod reporter;
pub(crate) mod run_context;
mod run_span;
mod run_task;
mod run_waiter;
mod runtime_heartbeat;
mod schedule;
#[cfg(any(feature = "opentelemetry", feature = "prometheus"))]
mod scrape;
mod shared_state;
mod slow_runs;
pub(crate) mod task;
mod task_slot;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::core::events::recorder::Recorders;
use crate::core::events::{HistorySnapshot, TransitionPublisher};
use crate::core::model::aggregate::Phase;
use crate::core::model::verdict::Observation;
use crate::core::registry::worker_watch::WorkerWatch;
use crate::core::registry::{RegisteredCheck, StatusSource};
use check_runner::CheckRunner;
pub use heartbeat::Heartbeat;
use peers::PeerPolicy;
pub(crate) use probing::NeededChecks;
pub(crate) use reported::ReportedStatuses;
pub use reporter::{Reporter, ReporterError};
#[cfg(any(feature = "opentelemetry", feature = "prometheus"))]
pub(crate) use scrape::CheckSample;

/// The maximum time that a response stays prepared, whatever it contains.
const MAX_RESPONSE_AGE: Duration = Duration::from_secs(1);

/// The checks of one `Health` and what runs them. Dropping it aborts everything that it started.
pub(crate) struct Engine {
    /// Sorted by name.
    runners: Box<[Arc<CheckRunner>]>,
    /// By the name in lower case.
    reported: HashMap<String, ReportedStatuses>,
    background_tasks: Box<[(usize, JoinHandle<()>)]>,
    runtime: Handle,
    deadline: Duration,
    publisher: Arc<TransitionPublisher>,
    peers: Option<Arc<PeerPolicy>>,
}

impl Engine {
    /// Starts the background runs of these checks, which are sorted by name.
    pub(crate) fn start(
        checks: Vec<Arc<RegisteredCheck>>,
        runtime: Handle,
        deadline: Duration,
        phase: Phase,
        recorders: Recorders,
        peers: Option<Arc<PeerPolicy>>,
    ) -> Self {
        let publisher = Arc::new(TransitionPublisher::new(&checks, phase, Arc::new(recorders)));
        let indexed = checks.into_iter().enumerate();
        let runners: Box<[Arc<CheckRunner>]> =
            indexed.map(|(index, check)| Arc::new(CheckRunner::new(check, index, deadline, &publisher))).collect();
        parents::connect(&runners);
        let shared = runners.iter().filter(|runner| runner.check.policy.shared);
        let shared: Vec<_> = shared.zip(peers.iter().cycle()).collect();
        for (runner, policy) in &shared {
            runner.connect_peers(policy);
        }
        let reported = runners.iter().filter(|runner| matches!(runner.check.source, StatusSource::Reported));
        let reported =
            reported.map(|runner| (runner.check.name.to_ascii_lowercase(), ReportedStatuses::new(Arc::clone(runner)))).collect();
        let grid = schedule::Grid::new();
        let background_tasks = runners.iter().filter_map(|runner| {
            let task = match (&runner.check.source, runner.check.policy.interval) {
                (StatusSource::Heartbeat(watch), _) => {
                    task::spawn(&runtime, heartbeat::publish_stalls(Arc::clone(runner), Arc::clone(watch)))
                }
                (StatusSource::Runtime(watch), _) => {
                    // The builder may have created it long ago.
                    watch.beat(Instant::now());
                    task::spawn(&runtime, runtime_heartbeat::run(Arc::clone(runner), Arc::clone(watch)))
                }
                (StatusSource::Linked(..) | StatusSource::Custom(_), Some(interval)) => {
                    task::spawn(&runtime, schedule::run_periodically(Arc::clone(runner), interval, grid, runtime.clone()))
                }
                _ => return None,
            };
            Some((runner.index, task))
        });
        let questions = shared
            .iter()
            .map(|(runner, _)| (runner.index, task::spawn(&runtime, peers::watch(Arc::clone(runner), runtime.clone()))));
        let background_tasks = background_tasks.chain(questions).collect();
        Self { runners, reported, background_tasks, runtime, deadline, publisher, peers }
    }

    /// Returns every check, sorted by name.
    pub(crate) fn checks(&self) -> impl Iterator<Item = &Arc<RegisteredCheck>> {
        self.runners.iter().map(|runner| &runner.check)
    }

    #[cfg(any(feature = "kubernetes", feature = "systemd"))]
    pub(crate) fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Returns what this instance puts into its questions to peers.
    pub(crate) fn peer_id(&self) -> Option<&str> {
        self.peers.as_ref()?.network.own_id()
    }

    /// Returns the check with exactly this name.
    pub(crate) fn check(&self, name: &str) -> Option<&Arc<RegisteredCheck>> {
        self.candidates(Some(name)).first().map(|runner| &runner.check)
    }

    /// Returns the check with exactly this name, if there is one, or all checks where none is named.
    fn candidates(&self, name: Option<&str>) -> &[Arc<CheckRunner>] {
        let Some(name) = name else { return &self.runners };
        let index = self.runners.binary_search_by(|runner| (*runner.check.name).cmp(name));
        index.ok().and_then(|index| self.runners.get(index..=index)).unwrap_or_default()
    }

    /// Whether the failure of a check is published as limited, because other instances fail too or have not been asked yet.
    #[cfg(feature = "grpc")]
    pub(crate) fn is_limited(&self, check: &RegisteredCheck) -> bool {
        self.index_of(check).is_some_and(|index| self.publisher.is_limited(index))
    }

    pub(crate) fn publisher(&self) -> &Arc<TransitionPublisher> {
        &self.publisher
    }

    /// Returns the statuses of the reported check with this name, ignoring ASCII case.
    pub(crate) fn reported(&self, name: &str) -> Option<&ReportedStatuses> {
        self.reported.get(&name.to_ascii_lowercase())
    }

    /// Returns the worker watch, if there is one.
    pub(crate) fn worker_watch(&self) -> Option<&Arc<WorkerWatch>> {
        self.runners.iter().find_map(|runner| match &runner.check.source {
            StatusSource::Workers(watch) => Some(watch),
            StatusSource::Linked(..)
            | StatusSource::Custom(_)
            | StatusSource::Reported
            | StatusSource::Runtime(_)
            | StatusSource::Heartbeat(_) => None,
        })
    }

    /// Publishes a changed status of the worker watch, as a probe would.
    pub(crate) fn publish_worker_status(&self, now: Instant) {
        let watches = self.runners.iter().filter(|runner| matches!(runner.check.source, StatusSource::Workers(_)));
        watches.for_each(|runner| drop(runner.observe_and_publish(now, now)));
    }

    /// Returns the history of a check at `now`.
    pub(crate) fn history_of(&self, check: &RegisteredCheck, now: Instant) -> HistorySnapshot {
        self.index_of(check).map(|index| self.publisher.history(index, now)).unwrap_or_default()
    }

    /// Freezes the checks that only startup needs; each keeps what was observed of it.
    pub(crate) fn freeze_startup_checks(&self, observed: &[(&Arc<RegisteredCheck>, Observation)]) {
        let startup_only = observed.iter().filter(|(check, _)| check.is_startup_only());
        for (check, observation) in startup_only {
            let Some(index) = self.index_of(check) else { continue };
            if let Some(runner) = self.runners.get(index) {
                runner.freeze(observation.verdict.clone());
            }
            let tasks = self.background_tasks.iter().filter(|(scheduled, _)| *scheduled == index);
            tasks.for_each(|(_, task)| task.abort());
        }
    }

    fn index_of(&self, check: &RegisteredCheck) -> Option<usize> {
        self.candidates(Some(&check.name)).first().map(|runner| runner.index)
    }

    /// Spawns an empty task, which ends as soon as the runtime of the checks makes progress.
    #[cfg(all(feature = "systemd", unix))]
    pub(crate) fn ping_runtime(&self) -> JoinHandle<()> {
        task::spawn(&self.runtime, async {})
    }

    /// Returns the number of overdue runs.
    pub(crate) fn stuck_runs(&self, now: Instant) -> usize {
        self.runners.iter().filter(|runner| runner.is_stuck(now)).count()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.publisher.close();
        self.background_tasks.iter().for_each(|(_, task)| task.abort());
        self.runners.iter().for_each(|runner| runner.task.stop());
    }
}
