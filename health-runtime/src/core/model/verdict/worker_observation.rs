//! The observation of the worker watch and of the runtime watch, which have no runs.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{FinishedRun, MaskMemo, Observation, Reason, RunOutcome, Verdict};
use crate::core::model::outcome::Outcome;
use crate::core::model::status::Status;

impl Observation {
    /// Creates the observation from the outcome of heartbeats; `None` where no worker is registered.
    pub(crate) fn from_workers(outcome: Option<Outcome>, now: Instant) -> Self {
        let Some(outcome) = outcome else {
            let reason = Some(Reason::public("no worker"));
            return Self {
                status: Status::Unknown,
                reason,
                verdict: None,
                age: None,
                computed_at_read: true,
                skipped: false,
                limited: false,
            };
        };
        let run = FinishedRun::new(RunOutcome::Returned(outcome), None, now, Duration::ZERO, &MaskMemo::default());
        let verdict = Verdict::of_run(run, 0, 0);
        let reason = verdict.reason.clone();
        Self {
            status: verdict.status,
            reason,
            verdict: Some(Arc::new(verdict)),
            age: None,
            computed_at_read: true,
            skipped: false,
            limited: false,
        }
    }
}
