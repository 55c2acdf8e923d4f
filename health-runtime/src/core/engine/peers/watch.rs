//! The task that decides, and the part of a [`CheckRunner`] that asks peers.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, timeout_at};

use super::directory::Directory;
use super::peer_watch::PeerWatch;
use super::policy::{PeerPolicy, QUESTION_TIMEOUT};
use super::votes::{Decision, Votes};
use crate::core::engine::check_runner::CheckRunner;
use crate::core::engine::execute::CompletedRun;
use crate::core::events::notifier;
use crate::core::model::status::Status;
use crate::core::model::verdict::{CheckState, FIRST_QUESTION_TIMEOUT, FailureCap, RunResult};

/// The time between two questions while a check fails, and between two lookups.
const QUESTION_INTERVAL: Duration = Duration::from_secs(5);
const LOOKUP_INTERVAL: Duration = Duration::from_secs(60);

/// How long an answer limits a failure: two questions may fail.
const ANSWER_LIFETIME: Duration = Duration::from_secs(20);

/// Looks the peers up from time to time, and asks them while the check fails.
pub(in crate::core::engine) async fn watch(runner: Arc<CheckRunner>, runtime: Handle) {
    let Some(watch) = runner.peers.get() else { return };
    loop {
        watch.look_up().await;
        // Not after a failure: while instances return, their number is not the normal one.
        watch.with_directory(Directory::remember_size);
        loop {
            tokio::select! {
                () = watch.failed.notified() => decide_while_down(&runner, watch, &runtime).await,
                () = sleep(watch.policy.jittered(LOOKUP_INTERVAL)) => break,
            }
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
                let least = runner.check.policy.cache.min(policy.leave_within);
                sleep(policy.random_part(policy.leave_within).max(least)).await;
                continue;
            }
            Decision::Unclear | Decision::OnlyHere => match watch.reason_to_stay() {
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

impl CheckRunner {
    /// Lets the check ask these peers.
    pub(in crate::core::engine) fn connect_peers(&self, policy: &Arc<PeerPolicy>) {
        if self.peers.set(Box::new(PeerWatch::new(policy))).is_ok() {
            self.state.update(|state| state.failure_cap = Some(Box::new(policy.failure_cap())));
        }
    }

    /// Starts the questions, if the check asks peers and is down now.
    pub(in crate::core::engine) fn on_status_published(&self, status: Status) {
        if let Some(watch) = self.peers.get().filter(|_| status == Status::Down) {
            watch.start_questions();
        }
    }

    /// Asks peers about a run that failed after a good one, before its end counts: a probe that waits for the run then gets the
    /// right response at once where the check fails only here.
    pub(in crate::core::engine) async fn ask_before_end(&self, run: CompletedRun, started_at: Instant) -> CompletedRun {
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
    pub(in crate::core::engine) fn return_delay(&self) -> Option<Duration> {
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
