//! What a scrape reads of a check. It runs nothing, waits for nothing and publishes nothing.

use tokio::time::Instant;

use super::Engine;
use super::check_runner::CheckRunner;
use crate::core::model::status::Status;
use crate::core::model::verdict::{CheckTimings, ReadContext};
use crate::core::registry::RegisteredCheck;

/// One check as a scrape reads it.
pub(crate) struct CheckSample<'e> {
    pub(crate) check: &'e RegisteredCheck,
    /// The index in the order of names.
    pub(crate) index: usize,
    pub(crate) status: Status,
    /// Whether its failure counts as one of a check that is not critical.
    pub(crate) limited: bool,
    pub(crate) has_result: bool,
    pub(crate) timings: CheckTimings,
}

impl Engine {
    /// Returns a sample of every check at `now`.
    pub(crate) fn samples(&self, now: Instant) -> impl Iterator<Item = CheckSample<'_>> {
        self.runners.iter().map(move |runner| runner.sample(now))
    }
}

impl CheckRunner {
    fn sample(&self, now: Instant) -> CheckSample<'_> {
        let context = self.read_context(now, now);
        // The result of an on-demand check is as old as the last probe. The next probe runs it, so its age says nothing about
        // the check.
        let max_age = context.max_age.filter(|_| !self.is_on_demand());
        let observation = self.observe_at(&ReadContext { max_age, ..context });
        let (status, has_result) = (observation.status, observation.has_result());
        let (limited, timings) = (observation.limited, self.timings(&context));
        CheckSample { check: &self.check, index: self.index, status, limited, has_result, timings }
    }
}
