//! Waits for a run in flight.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::{Instant, timeout, timeout_at};

use super::check_runner::CheckRunner;
use super::shared_state::SharedState;
use crate::core::model::verdict::OVERDUE_SLACK;

/// As small as it can be: each probe that waits has one for each of its checks.
pub(super) struct RunWaiter {
    runner: Arc<CheckRunner>,
    /// The number of ended runs when the wait began.
    runs_before: u64,
}

impl RunWaiter {
    pub(super) fn new(runner: Arc<CheckRunner>, runs_before: u64) -> Self {
        Self { runner, runs_before }
    }

    /// Waits until the run finishes.
    pub(super) async fn finished(self) {
        let Self { runner, runs_before } = self;
        loop {
            let changed = runner.state.changed();
            if runner.state.with(|state| state.ended_runs > runs_before) {
                return;
            }
            changed.await;
        }
    }

    /// Waits until the run finishes or is overdue.
    pub(super) async fn finished_or_overdue(self) {
        self.runner.state.finished_or_overdue(self.runs_before, self.runner.check.policy.timeout).await;
    }
}

impl SharedState {
    /// Waits until more than `runs_before` runs have ended, or the run in flight is overdue.
    async fn finished_or_overdue(&self, runs_before: u64, limit: Duration) {
        let mut has_yielded = false;
        loop {
            let changed = self.changed();
            let run = self.with(|state| state.in_flight.filter(|_| state.ended_runs == runs_before));
            match run {
                // After a stall of the runtime the timer of the run has fired as well; its task gets one chance to finish first.
                Some(run) if !run.overdue && !has_yielded && run.is_overdue(Instant::now(), limit) => {
                    has_yielded = true;
                    yield_now().await;
                }
                Some(run) if !run.is_overdue(Instant::now(), limit) => match run.overdue_at(limit) {
                    Some(overdue_at) => drop(timeout_at(overdue_at, changed).await),
                    // The start of a run notifies no waiter, and a run cannot be overdue earlier than this.
                    None => drop(timeout(limit + OVERDUE_SLACK, changed).await),
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
        let state = SharedState::default();
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
            () = state.finished_or_overdue(0, 100 * MS) => {}
            () = start => {}
            () = sleep(Duration::from_secs(60)) => {}
        }
        assert_eq!(began.elapsed(), 110 * MS + OVERDUE_SLACK);
    }
}
