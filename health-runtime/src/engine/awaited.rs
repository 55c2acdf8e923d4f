//! A run that somebody waits for.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::{Instant, timeout_at};

use super::board::Board;

pub(super) struct Awaited {
    board: Arc<Board>,
    /// How many had ended when the wait began.
    runs: u64,
    timeout: Duration,
}

impl Awaited {
    pub(super) fn new(board: Arc<Board>, runs: u64, timeout: Duration) -> Self {
        Self { board, runs, timeout }
    }

    /// Until it has ended.
    pub(super) async fn landed(self) {
        loop {
            let changed = self.board.changed();
            if self.board.read(|standing| standing.runs > self.runs) {
                return;
            }
            changed.await;
        }
    }

    /// Until it has ended or is known to be overdue.
    pub(super) async fn ended(self) {
        let mut has_yielded = false;
        loop {
            let changed = self.board.changed();
            let flight = self.board.read(|standing| standing.flight.filter(|_| standing.runs == self.runs));
            match flight {
                // After a stall the run's own timer has gone off as well, and its task may come to say so first.
                Some(flight) if !flight.overdue && !has_yielded && flight.is_overdue(Instant::now(), self.timeout) => {
                    has_yielded = true;
                    yield_now().await;
                }
                Some(flight) if !flight.is_overdue(Instant::now(), self.timeout) => match flight.limit(self.timeout) {
                    Some(limit) => drop(timeout_at(limit, changed).await),
                    None => changed.await,
                },
                Some(_) | None => return,
            }
        }
    }
}
