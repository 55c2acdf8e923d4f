//! Asks other instances, the peers, when a check of a shared dependency fails: if it fails there too, this instance stays in
//! rotation, degraded, because no other could serve in its place.
//!
//! A run that fails after a good one asks before its end is published, for as long as a probe may wait
//! ([`CheckRunner::ask_before_end`]). From then on a task for each such check ([`watch`]) looks the peers up, asks them and decides.
//! Both change only the `failure_cap` in the state of the check, under its lock; the task publishes that as every change of a state.
//! The lock of the directory is a leaf. No lock is held while they wait. A peer is asked for its own result, and asks
//! no other because of that; a liveness check never asks.

mod directory;
mod votes;

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::check_runner::CheckRunner;
use super::execute::CompletedRun;
use crate::core::events::notifier;
use crate::core::model::status::Status;
use crate::core::model::verdict::{FIRST_QUESTION_TIMEOUT, FailureCap, RunResult};
use directory::Directory;
use votes::{Decision, Votes};

/// How many peers are asked at once.
const MAX_ASKED: usize = 3;

/// The maximum time of one lookup.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(2);

/// The maximum time of one question.
const QUESTION_TIMEOUT: Duration = Duration::from_secs(1);

/// The time between two questions while a check fails, and between two lookups.
const QUESTION_INTERVAL: Duration = Duration::from_secs(5);
const LOOKUP_INTERVAL: Duration = Duration::from_secs(60);

/// How long an answer limits a failure: two questions may fail.
const ANSWER_LIFETIME: Duration = Duration::from_secs(20);

/// The header in which an instance sends its id with a question.
pub(crate) const OWN_ID_HEADER: &str = "x-health-peer";

/// A future of a [`PeerNetwork`].
#[cfg_attr(not(feature = "test-util"), expect(unreachable_pub, reason = "only simulations name it"))]
pub type PeerFuture<'n, T> = Pin<Box<dyn Future<Output = T> + Send + 'n>>;

/// The result of a check at a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "test-util"), expect(unreachable_pub, reason = "only simulations name it"))]
pub struct PeerAnswer {
    /// The status of the check.
    pub status: Status,
    /// The time since its last run finished.
    pub age: Duration,
}

/// How peers are found and asked.
#[cfg_attr(not(feature = "test-util"), expect(unreachable_pub, reason = "only simulations name it"))]
pub trait PeerNetwork: Send + Sync + 'static {
    /// Returns the addresses of the instances in rotation, this one included. An error keeps the last ones.
    fn look_up(&self) -> PeerFuture<'_, std::io::Result<Vec<SocketAddr>>>;

    /// Returns the result of a check at a peer. `None` does not count: there is no response, or the check is not in it.
    fn ask<'n>(&'n self, peer: SocketAddr, check: &'n str) -> PeerFuture<'n, Option<PeerAnswer>>;

    /// Returns what this instance puts into its questions, so that it does not answer its own.
    fn own_id(&self) -> Option<&str> {
        None
    }

    /// Returns a random number, for choices and delays.
    fn random(&self) -> u64 {
        RandomState::new().hash_one(0)
    }
}

/// What the application configured about its peers.
pub(crate) struct PeerPolicy {
    pub(crate) network: Arc<dyn PeerNetwork>,
    /// The part of the largest known number of instances that must stay in rotation.
    pub(crate) keep: f64,
    pub(crate) leave_within: Duration,
    pub(crate) readmit_within: Duration,
}

impl fmt::Debug for PeerPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeerPolicy").field("keep", &self.keep).finish_non_exhaustive()
    }
}

impl PeerPolicy {
    /// Returns a random part of a duration.
    fn random_part(&self, duration: Duration) -> Duration {
        duration.mul_f64(f64::from((self.network.random() >> 32) as u32) / f64::from(u32::MAX))
    }

    /// Returns the duration ± 10 %, so that instances do not ask in step.
    fn jittered(&self, duration: Duration) -> Duration {
        duration.mul_f64(0.9) + self.random_part(duration / 5)
    }

    /// Returns the cap of a check that asks these peers.
    fn failure_cap(&self) -> FailureCap {
        FailureCap::new(self.leave_within + 4 * QUESTION_TIMEOUT)
    }
}

/// What a check that asks peers has in the engine.
pub(super) struct PeerWatch {
    policy: Arc<PeerPolicy>,
    directory: Mutex<Directory>,
    /// Notified when the check is published as down.
    failed: Notify,
}

impl PeerWatch {
    fn with_directory<R>(&self, access: impl FnOnce(&mut Directory) -> R) -> R {
        access(&mut self.directory.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the addresses. The last ones stay where a lookup fails: names may not resolve because of the same failure.
    async fn look_up(&self) {
        if let Ok(Ok(addresses)) = timeout(LOOKUP_TIMEOUT, self.policy.network.look_up()).await {
            self.with_directory(|directory| directory.set(addresses));
        }
    }

    /// Asks random peers about a check that fails here since `failing_since`. Returns the answers until then.
    async fn ask(&self, check: &Arc<str>, failing_since: Instant, until: Instant) -> Votes {
        let mut questions = JoinSet::new();
        for peer in self.with_directory(|directory| directory.choose(&self.policy, MAX_ASKED)) {
            let (policy, check) = (Arc::clone(&self.policy), Arc::clone(check));
            questions.spawn(async move { (policy.network.ask(peer, &check).await, Instant::now()) });
        }
        let mut votes = Votes::default();
        while let Ok(Some(answer)) = timeout_at(until, questions.join_next()).await {
            let (answer, at) = answer.unwrap_or_else(|_| (None, Instant::now()));
            votes.add(answer, at.saturating_duration_since(failing_since));
        }
        self.with_directory(|directory| directory.count(votes));
        votes
    }
}

impl CheckRunner {
    /// Lets the check ask these peers.
    pub(super) fn connect_peers(&self, policy: &Arc<PeerPolicy>) {
        let watch = PeerWatch { policy: Arc::clone(policy), directory: Mutex::default(), failed: Notify::new() };
        if self.peers.set(Box::new(watch)).is_ok() {
            self.state.update(|state| state.failure_cap = Some(Box::new(policy.failure_cap())));
        }
    }

    /// Starts the questions, if the check asks peers and is down now.
    pub(super) fn on_status_published(&self, status: Status) {
        if let Some(watch) = self.peers.get().filter(|_| status == Status::Down) {
            watch.failed.notify_one();
        }
    }

    /// Asks peers about a run that failed after a good one, before its end counts: a probe that waits for the run then gets the
    /// right response at once where the check fails only here.
    pub(super) async fn ask_before_end(&self, run: &CompletedRun, started_at: Instant) {
        let is_armed = || self.state.with(|state| state.failure_cap.as_ref().is_some_and(|cap| cap.is_armed()));
        let Some(watch) = self.peers.get().filter(|_| !RunResult::from(&run.outcome).is_good() && is_armed()) else { return };
        self.state.update(|state| {
            if let Some(run) = &mut state.in_flight {
                run.asks_peers = true;
            }
        });
        self.state.notify_waiters();
        watch.with_directory(Directory::forget_answers);
        let until = Instant::now() + FIRST_QUESTION_TIMEOUT;
        let _ = timeout_at(until, watch.look_up()).await;
        let votes = watch.ask(&self.check.name, started_at, until).await;
        let too_few = || watch.with_directory(|directory| directory.too_few_stay(watch.policy.keep));
        if votes.decision() == Decision::OnlyHere && too_few().is_none() {
            self.log_leaving(votes);
            self.state.update(|state| state.failure_cap.iter_mut().for_each(|cap| cap.expect_failure_only_here()));
        }
    }

    /// Returns how long a check that made this instance leave rotation stays down after it has recovered.
    pub(super) fn return_delay(&self) -> Option<Duration> {
        let watch = self.peers.get().filter(|_| self.has_left())?;
        Some(watch.policy.random_part(watch.policy.readmit_within))
    }

    fn has_left(&self) -> bool {
        self.state.with(|state| state.failure_cap.as_ref().is_some_and(|cap| cap.has_left()))
    }

    /// Returns when the last run started that finished.
    fn last_run_started_at(&self) -> Option<Instant> {
        self.state.with(|state| {
            let verdict = state.verdict.as_ref()?;
            verdict.finished_at.checked_sub(verdict.duration.unwrap_or_default())
        })
    }

    fn limit_failure(&self, reason: String) {
        let is_news = self.state.with(|state| {
            let current = state.failure_cap.as_ref().and_then(|cap| cap.reason());
            current.is_none_or(|current| **current != *reason)
        });
        if is_news {
            let (check, reason) = (Arc::clone(&self.check.name), reason.clone());
            notifier::enqueue(move || {
                tracing::warn!(check = &*check, %reason, "health check fails, and this instance stays in rotation, degraded");
            });
        }
        let until = Instant::now() + ANSWER_LIFETIME;
        self.change_cap(|cap| cap.limit(until, reason.into()));
    }

    fn leave_rotation(&self, votes: Votes) {
        self.log_leaving(votes);
        self.change_cap(FailureCap::leave);
    }

    fn log_leaving(&self, votes: Votes) {
        let (check, Votes { answered, failing, .. }) = (Arc::clone(&self.check.name), votes);
        notifier::enqueue(move || {
            tracing::warn!(check = &*check, answered, failing, "health check fails here, and this instance leaves rotation");
        });
    }

    fn change_cap(&self, change: impl FnOnce(&mut FailureCap)) {
        self.update_and_publish(|state| {
            if let Some(cap) = &mut state.failure_cap {
                change(cap);
            }
        });
    }
}

/// Looks the peers up from time to time, and asks them while the check fails.
pub(super) async fn watch(runner: Arc<CheckRunner>, runtime: Handle) {
    let Some(watch) = runner.peers.get() else { return };
    loop {
        watch.look_up().await;
        watch.with_directory(Directory::remember_size);
        tokio::select! {
            () = watch.failed.notified() => decide_while_down(&runner, watch, &runtime).await,
            () = sleep(watch.policy.jittered(LOOKUP_INTERVAL)) => {}
        }
    }
}

/// Decides again and again whether the failure counts in full, until the check is up.
async fn decide_while_down(runner: &Arc<CheckRunner>, watch: &PeerWatch, runtime: &Handle) {
    let policy = &watch.policy;
    let (mut has_waited, mut failed_everywhere_at) = (false, None);
    while runner.publisher.is_published(runner.index, Status::Down) {
        watch.look_up().await;
        let asked_at = Instant::now();
        let failing_since = runner.last_run_started_at().unwrap_or(asked_at);
        let votes = watch.ask(&runner.check.name, failing_since, asked_at + QUESTION_TIMEOUT).await;
        let has_peers = watch.with_directory(|directory| directory.has_peers());
        match votes.decision() {
            Decision::Everywhere => {
                (has_waited, failed_everywhere_at) = (false, Some(asked_at));
                runner.limit_failure(votes.to_string());
            }
            _ if runner.has_left() => {}
            // The peers may have recovered, and this instance too, but its check has not run since.
            _ if failed_everywhere_at.is_some_and(|at| failing_since < at) => {}
            // The results of peers may be as old as their caches, and instances that fail together must not leave together.
            Decision::Unclear if !has_waited && has_peers => {
                has_waited = true;
                sleep(policy.random_part(policy.leave_within)).await;
                continue;
            }
            Decision::Unclear | Decision::OnlyHere => match watch.with_directory(|directory| directory.too_few_stay(policy.keep))
            {
                Some(reason) => runner.limit_failure(reason),
                None => runner.leave_rotation(votes),
            },
        }
        sleep(policy.jittered(QUESTION_INTERVAL)).await;
        // Its own result is then as recent as those of its peers, which run the check when they are asked.
        if let Some(run) = runner.ensure_fresh(Instant::now(), runtime) {
            run.finished_or_overdue().await;
        }
    }
}
