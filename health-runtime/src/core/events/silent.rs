//! What is told of everything that is counted, where no feature counts: it keeps the last hour, which the page shows, and
//! nothing else.

use std::time::Duration;

use tokio::time::Instant;

use crate::core::events::timeline::History;
use crate::core::model::status::{HealthState, Kind, Scope, Status};
use crate::core::model::verdict::{Pulse, RunResult};
use crate::core::registry::Registered;

pub(crate) struct Meters {
    history: History,
}

#[expect(clippy::unused_self, reason = "the one that counts needs it")]
impl Meters {
    pub(super) fn new<'c>(checks: impl Iterator<Item = &'c Registered>, _: [(Kind, HealthState); 3]) -> Self {
        Self { history: History::new(checks.count()) }
    }

    pub(crate) fn history(&self) -> &History {
        &self.history
    }

    pub(crate) fn ran(&self, index: usize, result: RunResult, _: Option<Duration>, at: Instant) {
        self.history.ran(index, result.status(), at);
    }

    pub(crate) fn reported(&self, index: usize, result: RunResult, at: Instant) {
        self.history.ran(index, result.status(), at);
    }

    pub(crate) fn saw(&self, _: usize, _: Status, _: impl FnOnce() -> Pulse) {}

    pub(super) fn keep_kinds(&self, _: [(Kind, HealthState); 3]) {}

    pub(super) fn say_kinds(&self) {}

    pub(crate) fn probed(&self, _: Scope, _: u16) {}
}
