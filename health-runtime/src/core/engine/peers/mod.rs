//! Asks other instances, the peers, when a check of a shared dependency fails: if it fails there too, this instance stays in
//! rotation, degraded, because no other could serve in its place.
//!
//! One task for each such check ([`watch`]) looks the peers up, asks them and decides. It changes only the `failure_cap` in the
//! state of the check, under its lock, and publishes that as every change of a state. It holds no lock while it waits. A peer is
//! asked for its own result, and asks no other because of that; a liveness check never asks.

mod directory;
mod votes;

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::check_runner::CheckRunner;
use crate::core::events::notifier;
use crate::core::model::status::Status;
use crate::core::model::verdict::FailureCap;
use directory::Directory;
use votes::{Decision, Votes};

/// How many peers are asked at once.
const MAX_ASKED: usize = 3;

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

/// How peers are found and asked.
#[cfg_attr(not(feature = "test-util"), expect(unreachable_pub, reason = "only simulations name it"))]
pub trait PeerNetwork: Send + Sync + 'static {
    /// Returns the addresses of the instances in rotation, this one included. An error keeps the last ones.
    fn look_up(&self) -> PeerFuture<'_, std::io::Result<Vec<SocketAddr>>>;

    /// Returns the status of a check at a peer. `None` does not count: there is no response, or the check is not in it.
    fn ask<'n>(&'n self, peer: SocketAddr, check: &'n str) -> PeerFuture<'n, Option<Status>>;

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
    /// Notified when the check is published as down.
    failed: Notify,
}

impl CheckRunner {
    /// Lets the check ask these peers.
    pub(super) fn connect_peers(&self, policy: &Arc<PeerPolicy>) {
        let watch = PeerWatch { policy: Arc::clone(policy), failed: Notify::new() };
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

    /// Returns how long a check that made this instance leave rotation stays down after it has recovered.
    pub(super) fn return_delay(&self) -> Option<Duration> {
        let watch = self.peers.get().filter(|_| self.has_left())?;
        Some(watch.policy.random_part(watch.policy.readmit_within))
    }

    fn has_left(&self) -> bool {
        self.state.with(|state| state.failure_cap.as_ref().is_some_and(|cap| cap.has_left()))
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
pub(super) async fn watch(runner: Arc<CheckRunner>) {
    let Some(watch) = runner.peers.get() else { return };
    let mut directory = Directory::default();
    loop {
        directory.look_up(&watch.policy).await;
        directory.remember_size();
        tokio::select! {
            () = watch.failed.notified() => decide_while_down(&runner, &watch.policy, &mut directory).await,
            () = sleep(watch.policy.jittered(LOOKUP_INTERVAL)) => {}
        }
    }
}

/// Decides again and again whether the failure counts in full, until the check is up.
async fn decide_while_down(runner: &CheckRunner, policy: &Arc<PeerPolicy>, directory: &mut Directory) {
    let mut has_waited = false;
    while runner.publisher.is_published(runner.index, Status::Down) {
        directory.look_up(policy).await;
        let votes = ask(policy, directory.choose(policy, MAX_ASKED), &runner.check.name).await;
        match votes.decision() {
            Decision::Everywhere => {
                has_waited = false;
                limit(runner, votes.to_string());
            }
            Decision::Here if runner.has_left() => {}
            // The answers of peers may be as old as their caches, and instances that fail together must not leave together.
            Decision::Here if !has_waited && directory.has_peers() => {
                has_waited = true;
                sleep(policy.random_part(policy.leave_within)).await;
                continue;
            }
            Decision::Here => match directory.too_few_stay(policy.keep) {
                Some(reason) => limit(runner, reason),
                None => leave(runner, votes),
            },
        }
        sleep(policy.jittered(QUESTION_INTERVAL)).await;
    }
}

fn limit(runner: &CheckRunner, reason: String) {
    let is_news = runner.state.with(|state| {
        let current = state.failure_cap.as_ref().and_then(|cap| cap.reason());
        current.is_none_or(|current| **current != *reason)
    });
    if is_news {
        let (check, reason) = (Arc::clone(&runner.check.name), reason.clone());
        notifier::enqueue(move || {
            tracing::warn!(check = &*check, %reason, "health check fails, and this instance stays in rotation, degraded");
        });
    }
    let until = Instant::now() + ANSWER_LIFETIME;
    runner.change_cap(|cap| cap.limit(until, reason.into()));
}

fn leave(runner: &CheckRunner, votes: Votes) {
    let (check, asked, failing) = (Arc::clone(&runner.check.name), votes.answered, votes.failing);
    notifier::enqueue(move || {
        tracing::warn!(check = &*check, peers = asked, failing, "health check fails here, and this instance leaves rotation");
    });
    runner.change_cap(FailureCap::leave);
}

async fn ask(policy: &Arc<PeerPolicy>, peers: Vec<SocketAddr>, check: &Arc<str>) -> Votes {
    let mut questions = JoinSet::new();
    for peer in peers {
        let (policy, check) = (Arc::clone(policy), Arc::clone(check));
        questions.spawn(async move { timeout(QUESTION_TIMEOUT, policy.network.ask(peer, &check)).await.ok().flatten() });
    }
    let mut votes = Votes::default();
    while let Some(answer) = questions.join_next().await {
        votes.add(answer.ok().flatten());
    }
    votes
}
