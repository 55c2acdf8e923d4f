//! Waits for a run in flight.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::{Instant, timeout, timeout_at};

use super::shared_state::SharedState;
use crate::core::model::verdict::OVERDUE_SLACK;

pub(super) struct RunWaiter {
    state: Arc<SharedState>,
    /// The number of ended flights when the wait began.
    runs_before: u64,
    timeout: Duration,
}

impl RunWaiter {
    pub(super) fn new(state: Arc<SharedState>, runs_before: u64, timeout: Duration) -> Self {
        Self { state, runs_before, timeout }
    }

    /// Waits until the run finishes.
    pub(super) async fn finished(self) {
        loop {
            let changed = self.state.changed();
            if self.state.with(|state| state.ended_flights > self.runs_before) {
                return;
            }
            changed.await;
        }
    }

    /// Waits until the run finishes or is overdue.
    pub(super) async fn finished_or_overdue(self) {
        let mut has_yielded = false;
        loop {
            let changed = self.state.changed();
            let run = self.state.with(|state| state.in_flight.filter(|_| state.ended_flights == self.runs_before));
            match run {
                // After a stall of the runtime the timer of the run has fired as well; its task gets one chance to finish first.
                Some(run) if !run.overdue && !has_yielded && run.is_overdue(Instant::now(), self.timeout) => {
                    has_yielded = true;
                    yield_now().await;
                }
                Some(run) if !run.is_overdue(Instant::now(), self.timeout) => match run.overdue_at(self.timeout) {
                    Some(overdue_at) => drop(timeout_at(overdue_at, changed).await),
                    // The start of a run notifies no waiter, and a run cannot be overdue earlier than this.
                    None => drop(timeout(self.timeout + OVERDUE_SLACK, changed).await),
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
    use crate::core::model::verdict::InFlightRun;

    const MS: Duration = Duration::from_millis(1);

    #[tokio::test(start_paused = true)]
    async fn a_run_that_blocks_from_its_first_poll_is_awaited_until_it_is_overdue() {
        let state = Arc::<SharedState>::default();
        state.update(|state| state.in_flight = Some(InFlightRun::default()));
        let began = Instant::now();
        let start = async {
            sleep(10 * MS).await;
            state.update(|state| {
                state.in_flight = Some(InFlightRun { started_at: Some(Instant::now()), ..InFlightRun::default() });
            });
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = RunWaiter::new(Arc::clone(&state), 0, 100 * MS).finished_or_overdue() => {}
            () = start => {}
            () = sleep(Duration::from_secs(60)) => {}
        }
        assert_eq!(began.elapsed(), 110 * MS + OVERDUE_SLACK);
    }
}
