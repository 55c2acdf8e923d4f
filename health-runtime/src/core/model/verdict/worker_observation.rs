//! The verdict on the workers, which has no run behind it: it is made when it is read.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{End, Finished, Seen, Verdict, Why};
use crate::core::model::outcome::Outcome;
use crate::core::model::status::Status;

impl Seen {
    /// `None`: there is no worker that anything could be said of.
    pub(crate) fn of_workers(outcome: Option<Outcome>, now: Instant) -> Self {
        let Some(outcome) = outcome else {
            return Self {
                status: Status::Unknown,
                why: Some(Why::public("no worker")),
                verdict: None,
                age: None,
                by_sight: true,
            };
        };
        let verdict = Verdict::of(None, Finished::new(End::Said(outcome), None, now, Duration::ZERO), 0, 0);
        Self { status: verdict.status, why: verdict.why.clone(), verdict: Some(Arc::new(verdict)), age: None, by_sight: true }
    }
}
