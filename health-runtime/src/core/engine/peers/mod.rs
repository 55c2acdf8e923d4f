//! Asks other instances, the peers, when a check of a shared dependency fails: if it fails there too, this instance stays in
//! rotation, degraded, because no other could serve in its place.
//!
//! A run that fails after a good one asks before its end is published, for as long as a probe may wait
//! ([`CheckRunner::ask_before_end`]). From then on a task for each such check ([`watch`]) looks the peers up, asks them and decides.
//! Both change only the `failure_cap` in the state of the check, under its lock; the task publishes that as every change of a state.
//! The lock of the directory is a leaf. No lock is held while they wait. A peer is asked for its own result, and asks
//! no other because of that; a liveness check never asks.

mod directory;
mod network;
mod votes;
mod watch;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::check_runner::CheckRunner;
use super::execute::CompletedRun;
use super::schedule::unit_interval;
use crate::core::events::notifier;
use crate::core::model::status::Status;
use crate::core::model::verdict::{CheckState, FIRST_QUESTION_TIMEOUT, FailureCap, RunResult};
use directory::Directory;
pub(crate) use network::OWN_ID_HEADER;
#[cfg_attr(not(feature = "test-util"), expect(unreachable_pub, reason = "only simulations name them"))]
pub use network::{PeerAnswer, PeerFuture, PeerNetwork};
use votes::{Decision, Votes};
use watch::LOOKUP_TIMEOUT;
pub(crate) use watch::QUESTION_TIMEOUT;
pub(super) use watch::{PeerWatch, watch};

/// How long an answer limits a failure: two questions may fail.
const ANSWER_LIFETIME: Duration = Duration::from_secs(20);

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
        duration.mul_f64(unit_interval(self.network.random()))
    }

    /// Returns the duration ± 10 %, so that instances do not ask in step.
    fn jittered(&self, duration: Duration) -> Duration {
        duration.mul_f64(0.9) + self.random_part(duration / 5)
    }

    /// Returns the cap of a check that asks these peers.
    fn failure_cap(&self) -> FailureCap {
        FailureCap::new(self.leave_within + 2 * (LOOKUP_TIMEOUT + QUESTION_TIMEOUT))
    }
}

impl CheckRunner {
    /// Lets the check ask these peers.
    pub(super) fn connect_peers(&self, policy: &Arc<PeerPolicy>) {
        if self.peers.set(Box::new(PeerWatch::new(policy))).is_ok() {
            self.state.update(|state| state.failure_cap = Some(Box::new(policy.failure_cap())));
        }
    }

    /// Starts the questions, if the check asks peers and is down now.
    pub(super) fn on_status_published(&self, status: Status) {
        if let Some(watch) = self.peers.get().filter(|_| status == Status::Down) {
            watch.start_questions();
        }
    }

    /// Asks peers about a run that failed after a good one, before its end counts: a probe that waits for the run then gets the
    /// right response at once where the check fails only here.
    pub(super) async fn ask_before_end(&self, run: CompletedRun, started_at: Instant) -> CompletedRun {
        let fails = !RunResult::from(&run.outcome).is_good() && self.state.with(|state| self.would_be_down(state));
        let Some(watch) = self.peers.get().filter(|_| fails) else { return run };
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
        if votes.decision() == Decision::OnlyHere && watch.reason_to_stay().is_none() {
            self.log_leaving(votes);
            self.state.update(|state| state.failure_cap.iter_mut().for_each(|cap| cap.expect_failure_only_here()));
        }
        run
    }

    /// Whether one more failed run turns a good check to down.
    fn would_be_down(&self, state: &CheckState) -> bool {
        let (policy, now) = (&self.check.policy, Instant::now());
        let last = state.verdict.as_ref().map(|verdict| verdict.at(now)).filter(|last| last.status != Status::Down);
        // At the end of a grace no run finishes, and the task asks.
        last.is_some_and(|last| last.consecutive_failures.saturating_add(1) >= policy.failure_threshold) && policy.grace.is_none()
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
            notifier::enqueue_log(move || {
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
        notifier::enqueue_log(move || {
            tracing::warn!(check = &*check, answered, failing, "health check fails here, and this instance leaves rotation");
        });
    }

    /// Changes the cap, unless the check has recovered meanwhile.
    fn change_cap(&self, change: impl FnOnce(&mut FailureCap)) {
        if !self.publisher.is_published(self.index, Status::Down) {
            return;
        }
        self.update_and_publish(|state| {
            if let Some(cap) = &mut state.failure_cap {
                change(cap);
            }
        });
    }
}
