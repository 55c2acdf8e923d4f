//! What a reader sees of one check: its standing, or what the workers make of it at that moment. A change that time alone
//! has made is noticed here.

use tokio::time::Instant;

use super::check_runner::Cell;
use crate::core::events::Ledger;
use crate::core::model::verdict::{Pulse, Reading, Seen};
use crate::core::registry::Runner;

impl Cell {
    /// What a probe that began at `asked` sees, and its subscribers hear of.
    pub(super) fn seen(&self, now: Instant, asked: Instant) -> Seen {
        let seen = self.read(now, asked);
        if let Some(ledger) = self.ledger.upgrade() {
            self.notice(&ledger, &seen, now, asked);
        }
        seen
    }

    pub(super) fn notice(&self, ledger: &Ledger, seen: &Seen, now: Instant, asked: Instant) {
        self.meters.saw(self.index, seen.status, || self.pulse(&self.reading(now, asked)));
        if seen.by_sight {
            self.meters.history().ran(self.index, seen.status, now);
        }
        if !ledger.is_told(self.index, seen.status) {
            ledger.tell(self.index, |now| self.read(now, asked));
        }
    }

    pub(super) fn reading(&self, now: Instant, asked: Instant) -> Reading {
        Reading { now, asked, deadline: self.deadline, timeout: self.check.policy.timeout, age_limit: self.age_limit }
    }

    pub(super) fn read(&self, now: Instant, asked: Instant) -> Seen {
        self.look(&self.reading(now, asked))
    }

    pub(super) fn look(&self, reading: &Reading) -> Seen {
        match &self.check.runner {
            Runner::Watched(workers) => Seen::of_workers(workers.outcome(reading.now), reading.now),
            Runner::Linked(..) | Runner::Own(_) | Runner::Reported => self.board.read(|standing| standing.seen(reading)),
        }
    }

    pub(super) fn pulse(&self, reading: &Reading) -> Pulse {
        match &self.check.runner {
            Runner::Watched(workers) => Pulse { lag: workers.lag(reading.now), ..Pulse::default() },
            Runner::Linked(..) | Runner::Own(_) | Runner::Reported => self.board.read(|standing| standing.pulse(reading)),
        }
    }
}
