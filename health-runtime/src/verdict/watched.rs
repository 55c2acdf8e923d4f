//! The verdict on the workers, which has no run behind it: it is made when it is read.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::end::said;
use super::{End, Seen, Verdict, Why};
use crate::outcome::Outcome;
use crate::status::Status;

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
        let (status, why, details) = said(End::Said(outcome), Duration::ZERO);
        let verdict = Verdict { status, why: why.clone(), details, took: None, ended: now, successes: 0, failures: 0 };
        Self { status, why, verdict: Some(Arc::new(verdict)), age: None, by_sight: true }
    }
}
