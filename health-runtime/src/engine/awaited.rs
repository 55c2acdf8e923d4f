//! A run that somebody waits for.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::verdict::Standing;

pub(super) struct Awaited {
    standing: watch::Receiver<Standing>,
    /// How many had ended when the wait began.
    runs: u64,
    timeout: Duration,
}

impl Awaited {
    pub(super) fn new(standing: watch::Receiver<Standing>, runs: u64, timeout: Duration) -> Self {
        Self { standing, runs, timeout }
    }

    /// Until it has ended.
    pub(super) async fn landed(mut self) {
        let runs = self.runs;
        // The sender lives in the check, which the waiting task holds.
        let _ = self.standing.wait_for(|standing| standing.runs > runs).await;
    }

    /// Until it has ended or is known to be overdue.
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
