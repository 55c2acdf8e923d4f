//! What a scrape reads of a check. It runs nothing, waits for nothing and changes nothing.

use tokio::time::Instant;

use super::Engine;
use super::check_runner::Cell;
use crate::core::model::status::Status;
use crate::core::model::verdict::{Pulse, Reading, Seen};
use crate::core::registry::Registered;

/// One check, as a scrape sees it.
pub(crate) struct Measured<'e> {
    pub(crate) check: &'e Registered,
    /// Its place in the order of names.
    pub(crate) index: usize,
    pub(crate) status: Status,
    /// It was run before.
    pub(crate) has_result: bool,
    pub(crate) pulse: Pulse,
}

impl Engine {
    /// Every check as it stands at `now`.
    pub(crate) fn measured(&self, now: Instant) -> impl Iterator<Item = Measured<'_>> {
        self.cells.iter().map(move |cell| cell.measured(now))
    }
}

impl Cell {
    fn measured(&self, now: Instant) -> Measured<'_> {
        let reading = self.reading(now, now);
        // A check on demand is as old as the last probe that asked for it. That its result is too old for the next one,
        // which will run it anew, says nothing of the check.
        let age_limit = reading.age_limit.filter(|_| !self.is_on_demand());
        let Seen { status, verdict, .. } = self.look(&Reading { age_limit, ..reading });
        let pulse = self.pulse(&reading);
        Measured { check: &self.check, index: self.index, status, has_result: verdict.is_some(), pulse }
    }
}
