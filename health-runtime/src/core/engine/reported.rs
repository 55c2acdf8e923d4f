//! The statuses that reporters pushed for one check: the worst one is effective.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::check_runner::CheckRunner;
use crate::core::events::notifier;
use crate::core::model::outcome::Outcome;
use crate::core::model::status::Status;
use crate::core::model::verdict::{FinishedRun, MaskMemo, RunOutcome, RunResult, SeenBefore, Verdict};

/// The statuses of all reporters of one check.
#[derive(Clone)]
pub(crate) struct ReportedStatuses {
    runner: Arc<CheckRunner>,
    reports: Arc<Mutex<Reports>>,
}

#[derive(Default)]
struct Reports {
    last_id: u64,
    /// Sorted by the id of the reporter.
    by_reporter: Vec<(u64, ReportedStatus)>,
}

#[derive(Debug, Clone)]
struct ReportedStatus {
    status: Status,
    reason: Cow<'static, str>,
    reported_at: Instant,
}

impl Reports {
    fn insert(&mut self, reporter: u64, report: ReportedStatus) {
        let place = self.by_reporter.partition_point(|(id, _)| *id < reporter);
        match self.by_reporter.get_mut(place) {
            Some((id, last)) if *id == reporter => *last = report,
            Some(_) | None => self.by_reporter.insert(place, (reporter, report)),
        }
    }

    /// Returns whether the reporter had reported.
    fn remove(&mut self, reporter: u64) -> bool {
        let count = self.by_reporter.len();
        self.by_reporter.retain(|(id, _)| *id != reporter);
        self.by_reporter.len() < count
    }

    /// Returns the worst status, of equal ones the first, so that the reason does not alternate. Its age is that of the latest
    /// report of it.
    fn effective(&self, memo: &MaskMemo) -> Option<FinishedRun> {
        let reports = || self.by_reporter.iter().map(|(_, report)| report);
        let worst = reports().reduce(|worst, report| if report.status > worst.status { report } else { worst })?;
        let same = reports().filter(|report| report.status == worst.status);
        let reported_at = same.map(|report| report.reported_at).max().unwrap_or(worst.reported_at);
        let outcome = RunOutcome::Returned(worst.clone().into_outcome());
        Some(FinishedRun::new(outcome, None, reported_at, Duration::ZERO, memo))
    }
}

impl ReportedStatuses {
    pub(super) fn new(runner: Arc<CheckRunner>) -> Self {
        Self { runner, reports: Arc::default() }
    }

    pub(super) fn name(&self) -> &Arc<str> {
        &self.runner.check.name
    }

    /// Returns the id of a new reporter, which has not reported yet.
    pub(crate) fn register(&self) -> u64 {
        let mut reports = self.lock();
        reports.last_id += 1;
        reports.last_id
    }

    pub(crate) fn report(&self, reporter: u64, status: Status, reason: Cow<'static, str>) {
        let mut reports = self.lock();
        let reported_at = Instant::now();
        reports.insert(reporter, ReportedStatus { status, reason, reported_at });
        // The state of the check is changed under the lock of the reports, so that the later of two reports decides. It is
        // published after the lock is released, because a subscriber may be a reporter itself.
        let result = reports.effective(&self.runner.memo).map(|effective| {
            let result = effective.result;
            self.runner.state.update(|state| {
                state.last_report_at = Some(reported_at);
                self.runner.apply_run(state, effective, SeenBefore::default(), None);
            });
            result
        });
        drop(reports);
        self.publish(result);
    }

    pub(crate) fn withdraw(&self, reporter: u64) {
        let mut reports = self.lock();
        if !reports.remove(reporter) {
            return;
        }
        let remaining = reports.effective(&self.runner.memo);
        self.runner.state.update(|state| {
            if !state.frozen {
                let previous = state.verdict.take();
                let verdict = remaining.map(|remaining| Verdict::apply_withdrawal(previous.as_ref(), remaining));
                state.verdict = verdict.map(Arc::new);
            }
        });
        drop(reports);
        self.publish(None);
    }

    /// Publishes the changed state. `result` is the effective result of a report, `None` after a withdrawal.
    fn publish(&self, result: Option<RunResult>) {
        let (runner, now) = (&self.runner, Instant::now());
        runner.publish(now, result.map(RunResult::status));
        if let Some(result) = result {
            let index = runner.index;
            runner.publisher.recorders().call(move |recorder| recorder.status_reported(index, result));
        }
        notifier::flush();
    }

    fn lock(&self) -> MutexGuard<'_, Reports> {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ReportedStatus {
    fn into_outcome(self) -> Outcome {
        match self.status {
            Status::Up => Outcome::up(),
            Status::Degraded => Outcome::degraded(self.reason),
            Status::Unknown | Status::Down => Outcome::down(self.reason),
        }
    }
}
