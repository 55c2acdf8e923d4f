//! A run that somebody waits for.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::{Instant, timeout, timeout_at};

use super::shared_state::Board;
use crate::core::model::verdict::GRACE;

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
                    // Nobody is told when it begins, and it cannot be overdue before.
                    None => drop(timeout(self.timeout + GRACE, changed).await),
                },
                Some(_) | None => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;
    use crate::core::model::verdict::Flight;

    const MS: Duration = Duration::from_millis(1);

    #[tokio::test(start_paused = true)]
    async fn a_run_that_blocks_from_its_first_poll_on_is_waited_for_until_its_limit() {
        let board = Arc::<Board>::default();
        board.note(|standing| standing.flight = Some(Flight::default()));
        let began = Instant::now();
        let begins = async {
            sleep(10 * MS).await;
            board.note(|standing| standing.flight = Some(Flight { since: Some(Instant::now()), overdue: false }));
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = Awaited::new(Arc::clone(&board), 0, 100 * MS).ended() => {}
            () = begins => {}
            () = sleep(Duration::from_secs(60)) => {}
        }
        assert_eq!(began.elapsed(), 110 * MS + GRACE);
    }
}
