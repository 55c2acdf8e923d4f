//! What is told of everything that is counted, and passed on to who keeps it: the last hour, which the page shows, the
//! tally that a scrape reads, and the `metrics` facade.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::core::events::timeline::History;
use crate::core::model::status::{HealthState, Kind, Scope, Status};
use crate::core::model::verdict::{Pulse, RunResult};
use crate::core::registry::Registered;
#[cfg(feature = "prometheus")]
use crate::metrics::counters::Tally;
#[cfg(feature = "metrics")]
use crate::metrics::facade::Facade;

pub(crate) struct Meters {
    history: History,
    #[cfg(feature = "prometheus")]
    tally: Tally,
    #[cfg(feature = "metrics")]
    facade: Facade,
}

impl Meters {
    #[cfg_attr(not(feature = "metrics"), expect(unused_variables, reason = "a scrape reads for itself"))]
    pub(super) fn new<'c>(checks: impl Iterator<Item = &'c Registered>, kinds: [(Kind, HealthState); 3]) -> Self {
        let names: Box<[Arc<str>]> = checks.map(|check| Arc::clone(&check.name)).collect();
        Self {
            history: History::new(names.len()),
            #[cfg(feature = "prometheus")]
            tally: Tally::new(names.len()),
            #[cfg(feature = "metrics")]
            facade: Facade::new(names, kinds),
        }
    }

    pub(crate) fn history(&self) -> &History {
        &self.history
    }

    /// A run ended. `took` is `None` when it never began.
    pub(crate) fn ran(&self, index: usize, result: RunResult, took: Option<Duration>, at: Instant) {
        self.history.ran(index, result.status(), at);
        #[cfg(feature = "prometheus")]
        self.tally.ran(index, result, took);
        #[cfg(feature = "metrics")]
        self.facade.ran(index, result, took);
    }

    /// The application reported a status, which is no run.
    pub(crate) fn reported(&self, index: usize, result: RunResult, at: Instant) {
        self.history.ran(index, result.status(), at);
        #[cfg(feature = "prometheus")]
        self.tally.reported(index, result);
        #[cfg(feature = "metrics")]
        self.facade.reported(index, result);
    }

    /// A probe read a check, or its standing has changed.
    #[cfg_attr(not(feature = "metrics"), expect(unused_variables, clippy::unused_self, reason = "a scrape reads for itself"))]
    pub(crate) fn saw(&self, index: usize, status: Status, pulse: impl FnOnce() -> Pulse) {
        #[cfg(feature = "metrics")]
        self.facade.saw(index, status, pulse());
    }

    /// Takes the states of the kinds, in the order of the changes.
    #[cfg_attr(not(feature = "metrics"), expect(unused_variables, clippy::unused_self, reason = "a scrape reads for itself"))]
    pub(super) fn keep_kinds(&self, kinds: [(Kind, HealthState); 3]) {
        #[cfg(feature = "metrics")]
        self.facade.keep_kinds(kinds);
    }

    /// Says the states of the kinds that were kept last.
    #[cfg_attr(not(feature = "metrics"), expect(clippy::unused_self, reason = "a scrape reads for itself"))]
    pub(super) fn say_kinds(&self) {
        #[cfg(feature = "metrics")]
        self.facade.say_kinds();
    }

    /// A probe was answered.
    pub(crate) fn probed(&self, scope: Scope, code: u16) {
        #[cfg(feature = "prometheus")]
        self.tally.probed(scope, code);
        #[cfg(feature = "metrics")]
        self.facade.probed(scope, code);
    }

    #[cfg(feature = "prometheus")]
    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }
}
