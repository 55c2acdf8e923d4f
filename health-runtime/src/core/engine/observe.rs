//! What a reader observes of one check. A status that time alone changed is published here.

use tokio::time::Instant;

use super::check_runner::CheckRunner;
use super::missing_worker;
use crate::core::events::contain::contain_panic;
use crate::core::events::notifier;
use crate::core::model::status::Status;
use crate::core::model::verdict::{CheckTimings, Observation, ReadContext, ReadStatus};
use crate::core::registry::StatusSource;

impl CheckRunner {
    /// Returns what a probe that started at `probe_started_at` observes, and publishes it if it is news.
    pub(super) fn observe_and_publish(&self, now: Instant, probe_started_at: Instant) -> Observation {
        let observation = self.observe(now, probe_started_at);
        let is_news = self.publish_observed(observation.read_status(), now, probe_started_at);
        if is_news {
            self.update_children();
            notifier::flush();
        }
        observation
    }

    /// Publishes a changed state: wakes waiters, invalidates prepared responses, publishes the transition if there is one, and skips
    /// the checks that must not run any more.
    ///
    /// `result` is the status of a finished run or of a report, for the timeline of the page. The caller waits for the log.
    pub(super) fn publish(&self, now: Instant, result: Option<Status>) {
        if self.publish_own(now, result) {
            self.update_children();
        }
    }

    /// Publishes a changed state without its effect on other checks. Returns whether the status differed from the published one.
    pub(super) fn publish_own(&self, now: Instant, result: Option<Status>) -> bool {
        // A waker is code of the executor that polls the waiter.
        contain_panic(|| self.state.notify_waiters());
        self.publisher.bump_epoch();
        if let Some(result) = result {
            self.publisher.timeline().record_status(self.index, result, now);
        }
        let context = self.read_context(now, now);
        let observed = match &self.check.source {
            StatusSource::Heartbeat(_) => self.observe_at(&context).read_status(),
            _ if self.parents().is_empty() => self.state.with(|state| state.status(&context)),
            _ => self.observe_at(&context).read_status(),
        };
        self.publish_observed(observed, now, now)
    }

    fn publish_observed(&self, read: ReadStatus, now: Instant, probe_started_at: Instant) -> bool {
        let ReadStatus { status, computed_at_read, limited } = read;
        let (publisher, index) = (&self.publisher, self.index);
        let is_news = !publisher.is_current(index, status, limited);
        if is_news {
            publisher.publish(index, || {
                let now = Instant::now();
                (now, self.observe(now, probe_started_at))
            });
            self.on_status_published(status);
        }
        if computed_at_read {
            publisher.timeline().record_status(index, status, now);
        }
        if cfg!(feature = "metrics") {
            let timings = self.timings(&self.read_context(now, probe_started_at));
            publisher.recorders().call(move |recorder| recorder.timings_observed(index, timings));
        }
        is_news
    }

    pub(super) fn read_context(&self, now: Instant, probe_started_at: Instant) -> ReadContext {
        let Self { deadline, max_age, .. } = *self;
        let (timeout, max_silence) = (self.check.policy.timeout, self.check.max_silence());
        ReadContext { now, probe_started_at, deadline, timeout, max_age, max_silence }
    }

    pub(super) fn observe(&self, now: Instant, probe_started_at: Instant) -> Observation {
        self.observe_at(&self.read_context(now, probe_started_at))
    }

    pub(super) fn observe_at(&self, context: &ReadContext) -> Observation {
        match &self.check.source {
            StatusSource::Workers(workers) => {
                let outcome = workers.outcome(context.now);
                if outcome.is_none() {
                    missing_worker::warn_later(workers);
                }
                Observation::from_workers(outcome, context.now)
            }
            StatusSource::Runtime(watch) => Observation::from_workers(Some(watch.outcome(context.now)), context.now),
            StatusSource::Heartbeat(watch) => Observation::from(self.read_heartbeats(watch, context.now)),
            StatusSource::Linked(..) | StatusSource::Custom(_) | StatusSource::Reported => {
                let observation = self.state.with(|state| state.observe(context));
                let limited = observation.limited || observation.skipped && self.has_limited_parents();
                Observation { limited, ..observation }
            }
        }
    }

    pub(super) fn timings(&self, context: &ReadContext) -> CheckTimings {
        match &self.check.source {
            StatusSource::Workers(workers) => CheckTimings { worker_lag: workers.lag(context.now), ..CheckTimings::default() },
            StatusSource::Runtime(_) => CheckTimings::default(),
            StatusSource::Linked(..) | StatusSource::Custom(_) | StatusSource::Reported | StatusSource::Heartbeat(_) => {
                let has_parents = !self.parents().is_empty();
                self.state.with(|state| {
                    let skipped = has_parents.then(|| state.is_skipped(context));
                    CheckTimings { skipped, ..state.timings(context) }
                })
            }
        }
    }
}
