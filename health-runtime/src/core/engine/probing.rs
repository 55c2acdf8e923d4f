//! What a probe needs of the checks: it runs those that are not fresh, waits for them, and observes all.

use std::sync::Arc;

use tokio::time::{Instant, timeout_at};

use super::check_runner::CheckRunner;
use super::{Engine, MAX_RESPONSE_AGE, parents};
use crate::core::model::verdict::Observation;
use crate::core::registry::RegisteredCheck;

/// The checks that a probe needs.
pub(crate) struct NeededChecks<'e>(Vec<&'e Arc<CheckRunner>>);

impl NeededChecks<'_> {
    /// Returns until when a response about these checks that is made at `now` is valid if nothing happens. Returns `None` where the
    /// next probe runs one of them.
    pub(crate) fn valid_until(&self, now: Instant) -> Option<Instant> {
        self.0.iter().try_fold(now + MAX_RESPONSE_AGE, |until, runner| Some(until.min(runner.valid_until(now)?)))
    }
}

impl Engine {
    /// Returns the selected checks, and those that have to run before them. Where a check is named, `selects` is asked only about it.
    pub(crate) fn with_parents(&self, name: Option<&str>, selects: impl Fn(&RegisteredCheck) -> bool) -> NeededChecks<'_> {
        let mut needed: Vec<_> = self.candidates(name).iter().filter(|runner| selects(&runner.check)).collect();
        parents::add_ancestors(&mut needed);
        NeededChecks(needed)
    }

    /// Runs the checks that are not fresh, concurrently. Waits until they have finished or are overdue, at most until the deadline
    /// of a probe that started at `probe_started_at`.
    pub(crate) async fn refresh(&self, checks: &NeededChecks<'_>, probe_started_at: Instant) {
        // With capacity for all: a growing vector would copy the waiters several times.
        let mut waiters = Vec::with_capacity(checks.0.len());
        waiters.extend(checks.0.iter().filter_map(|runner| runner.ensure_fresh(probe_started_at, &self.runtime)));
        if !waiters.is_empty() {
            let all = async {
                for waiter in waiters {
                    waiter.finished_or_overdue().await;
                }
            };
            // At the deadline the observations show which results are missing.
            let _ = timeout_at(probe_started_at + self.deadline, all).await;
        }
        let now = Instant::now();
        let parents = checks.0.iter().filter(|runner| runner.has_children());
        parents.for_each(|runner| drop(runner.observe_and_publish(now, probe_started_at)));
    }

    /// Runs the selected checks that had no run yet, for a command that started at `started_at`. Waits until each has finished or is
    /// overdue, however long that takes.
    pub(crate) async fn run_once(&self, started_at: Instant, selects: impl Fn(&RegisteredCheck) -> bool) {
        let checks = self.with_parents(None, selects).0;
        let checks = checks.iter().filter(|runner| !runner.has_run());
        let waiters: Vec<_> = checks.filter_map(|runner| runner.ensure_result(started_at, &self.runtime)).collect();
        for waiter in waiters {
            waiter.finished_or_overdue().await;
        }
    }

    /// Returns what a probe that started at `probe_started_at` observes of the selected checks, and publishes what is news. Where a
    /// check is named, `selects` is asked only about it.
    pub(crate) fn observe_and_publish(
        &self,
        now: Instant,
        probe_started_at: Instant,
        name: Option<&str>,
        selects: impl Fn(&RegisteredCheck) -> bool,
    ) -> impl Iterator<Item = (&Arc<RegisteredCheck>, Observation)> {
        let selected = self.candidates(name).iter().filter(move |runner| selects(&runner.check));
        selected.map(move |runner| (&runner.check, runner.observe_and_publish(now, probe_started_at)))
    }

    /// Observes the selected checks for a decision that is not a response. Publishes nothing: no probe selected these checks, so
    /// they may be stale for that reason alone.
    pub(crate) fn observe(
        &self,
        now: Instant,
        probe_started_at: Instant,
        selects: impl Fn(&RegisteredCheck) -> bool,
    ) -> Vec<(&Arc<RegisteredCheck>, Observation)> {
        let selected = self.runners.iter().filter(|runner| selects(&runner.check));
        selected.map(|runner| (&runner.check, runner.observe(now, probe_started_at))).collect()
    }
}
