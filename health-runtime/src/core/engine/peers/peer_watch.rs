//! What one check knows of its peers, and its questions to them.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use super::directory::Directory;
use super::policy::{LOOKUP_TIMEOUT, PeerPolicy};
use super::votes::Votes;

/// How many peers are asked at once.
const MAX_ASKED: usize = 3;

/// What a check that asks peers has in the engine.
pub(in crate::core::engine) struct PeerWatch {
    pub(super) policy: Arc<PeerPolicy>,
    directory: Mutex<Directory>,
    /// Notified when the check is published as down.
    pub(super) failed: Notify,
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
