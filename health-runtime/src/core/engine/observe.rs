//! What a reader observes of one check. A status that time alone changed is published here.

use tokio::time::Instant;

use super::check_runner::CheckRunner;
use crate::core::events::TransitionPublisher;
use crate::core::model::status::Status;
use crate::core::model::verdict::{CheckTimings, Observation, ReadContext};
use crate::core::registry::StatusSource;

impl CheckRunner {
    /// Returns what a probe that started at `probe_started_at` observes, and publishes it if it is news.
    pub(super) fn observe_and_publish(&self, now: Instant, probe_started_at: Instant) -> Observation {
        let observation = self.observe(now, probe_started_at);
        if let Some(publisher) = self.publisher.upgrade() {
            let observed = (observation.status, observation.computed_at_read);
            self.publish_observed(&publisher, observed, now, probe_started_at);
        }
        observation
    }

    /// Publishes a changed state: wakes waiters, invalidates prepared responses, then publishes the transition if there is one.
    ///
    /// `result` is the status of a finished run or of a report, for the timeline of the page.
    pub(super) fn publish(&self, now: Instant, result: Option<Status>) {
        self.state.notify_waiters();
        let Some(publisher) = self.publisher.upgrade() else { return };
        publisher.bump_epoch();
        if let Some(result) = result {
            publisher.timeline().record_status(self.index, result, now);
        }
        let observed = self.state.with(|state| state.status(&self.read_context(now, now)));
        self.publish_observed(&publisher, observed, now, now);
    }

    fn publish_observed(
        &self,
        publisher: &TransitionPublisher,
        (status, computed_at_read): (Status, bool),
        now: Instant,
        probe_started_at: Instant,
    ) {
        if !publisher.is_published(self.index, status) {
            publisher.publish(self.index, || {
                let now = Instant::now();
                (now, self.observe(now, probe_started_at))
            });
        }
        if computed_at_read {
            publisher.timeline().record_status(self.index, status, now);
        }
        let timings = || self.timings(&self.read_context(now, probe_started_at));
        self.recorders.iter().for_each(|recorder| recorder.status_observed(self.index, status, &timings));
    }

    pub(super) fn read_context(&self, now: Instant, probe_started_at: Instant) -> ReadContext {
        let (deadline, timeout, max_age) = (self.deadline, self.check.policy.timeout, self.max_age);
        ReadContext { now, probe_started_at, deadline, timeout, max_age }
    }

    pub(super) fn observe(&self, now: Instant, probe_started_at: Instant) -> Observation {
        self.observe_at(&self.read_context(now, probe_started_at))
    }

    pub(super) fn observe_at(&self, context: &ReadContext) -> Observation {
        match &self.check.source {
            StatusSource::Workers(workers) => Observation::from_workers(workers.outcome(context.now), context.now),
            StatusSource::Linked(..) | StatusSource::Custom(_) | StatusSource::Reported => {
                self.state.with(|state| state.observe(context))
            }
        }
    }

    pub(super) fn timings(&self, context: &ReadContext) -> CheckTimings {
        match &self.check.source {
            StatusSource::Workers(workers) => CheckTimings { worker_lag: workers.lag(context.now), ..CheckTimings::default() },
            StatusSource::Linked(..) | StatusSource::Custom(_) | StatusSource::Reported => {
                self.state.with(|state| state.timings(context))
            }
        }
    }
}
