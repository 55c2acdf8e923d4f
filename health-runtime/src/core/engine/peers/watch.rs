//! The questions of one check, and the task that decides.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::PeerPolicy;
use super::directory::Directory;
use super::votes::{Decision, Votes};
use crate::core::engine::check_runner::CheckRunner;
use crate::core::model::status::Status;

/// How many peers are asked at once.
const MAX_ASKED: usize = 3;

/// The maximum time of one lookup.
pub(super) const LOOKUP_TIMEOUT: Duration = Duration::from_secs(2);

/// The maximum time of one question, connection included.
pub(crate) const QUESTION_TIMEOUT: Duration = Duration::from_secs(1);

/// The time between two questions while a check fails, and between two lookups.
const QUESTION_INTERVAL: Duration = Duration::from_secs(5);
const LOOKUP_INTERVAL: Duration = Duration::from_secs(60);

/// What a check that asks peers has in the engine.
pub(in crate::core::engine) struct PeerWatch {
    pub(super) policy: Arc<PeerPolicy>,
    directory: Mutex<Directory>,
    /// Notified when the check is published as down.
    failed: Notify,
}

impl PeerWatch {
    pub(super) fn new(policy: &Arc<PeerPolicy>) -> Self {
        Self { policy: Arc::clone(policy), directory: Mutex::default(), failed: Notify::new() }
    }

    pub(super) fn start_questions(&self) {
        self.failed.notify_one();
    }

    pub(super) fn with_directory<R>(&self, access: impl FnOnce(&mut Directory) -> R) -> R {
        access(&mut self.directory.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns why this instance must stay in rotation although the check fails only here.
    pub(super) fn reason_to_stay(&self) -> Option<String> {
        self.with_directory(|directory| directory.too_few_stay(self.policy.keep))
    }

    /// Replaces the addresses. The last ones stay where a lookup fails: names may not resolve because of the same failure.
    pub(super) async fn look_up(&self) {
        if let Ok(Ok(addresses)) = timeout(LOOKUP_TIMEOUT, self.policy.network.look_up()).await {
            self.with_directory(|directory| directory.set(addresses));
        }
    }

    /// Asks random peers about a check that fails here since `failing_since`. Returns the answers until then.
    pub(super) async fn ask(&self, check: &Arc<str>, failing_since: Instant, until: Instant) -> Votes {
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
