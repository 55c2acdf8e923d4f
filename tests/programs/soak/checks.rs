//! Checks of every type.

use std::io::Error;
use std::sync::Arc;
use std::time::Duration;

use health_runtime::{Check, Health, Kind, Outcome, Reporter, ReporterError, health_check};

use crate::faults::{Fault, Faults};

#[health_check(startup)]
fn migrated() {}

#[health_check(liveness, cache = "0s", timeout = "20ms")]
async fn alive(faults: &Faults) -> Result<Outcome, Error> {
    faults.run("alive").await
}

#[health_check(readiness, timeout = "100ms")]
async fn cached(faults: &Faults) -> Result<Outcome, Error> {
    faults.run("cached").await
}

#[health_check(readiness, cache = "0s", timeout = "60ms")]
async fn uncached(faults: &Faults) -> Result<Outcome, Error> {
    faults.run("uncached").await
}

#[health_check(readiness, name = "beyond-deadline", critical = false, cache = "100ms", timeout = "2s")]
async fn beyond_deadline(faults: &Faults) -> Result<Outcome, Error> {
    faults.run("beyond-deadline").await
}

#[health_check(readiness, cache = "10ms", timeout = "50ms", failure_threshold = 3, success_threshold = 2)]
async fn threshold(faults: &Faults) -> Result<Outcome, Error> {
    faults.run("threshold").await
}

#[health_check(readiness, interval = "100ms", timeout = "50ms")]
async fn background(faults: &Faults) -> Result<Outcome, Error> {
    faults.run("background").await
}

#[health_check(readiness, critical = false, cache = "0s", timeout = "20ms")]
fn blocking(faults: &Faults) -> Result<Outcome, Error> {
    faults.run_blocking("blocking")
}

#[health_check(readiness, name = "blocking-background", interval = "50ms", timeout = "20ms")]
fn blocking_background(faults: &Faults) -> Result<Outcome, Error> {
    faults.run_blocking("blocking-background")
}

/// Creates the checks without an attribute.
pub(crate) fn made(faults: &Arc<Faults>) -> [Check; 4] {
    let shard = |name: &'static str| {
        let faults = Arc::clone(faults);
        let run = move || {
            let faults = Arc::clone(&faults);
            async move { faults.run(name).await }
        };
        Check::readiness(name, run).tags(["shards"]).cache(Duration::from_millis(50)).timeout(Duration::from_millis(40))
    };
    [
        shard("shard-0"),
        shard("shard-1"),
        Check::reported("reported", Kind::Readiness).critical(false),
        Check::reported("reported-often", Kind::Readiness).interval(Duration::from_millis(300)),
    ]
}

/// Reports the status of a check that has no run.
pub(crate) struct ReportedStatus<'h> {
    health: &'h Health,
    name: &'static str,
    reporter: Option<Reporter>,
}

impl<'h> ReportedStatus<'h> {
    pub(crate) fn new(health: &'h Health, name: &'static str) -> Self {
        Self { health, name, reporter: None }
    }

    /// Reports the status of a fault, or withdraws the status.
    pub(crate) fn report(&mut self, fault: Option<Fault>) -> Result<(), ReporterError> {
        if fault == Some(Fault::Panics) {
            self.reporter = None;
            return Ok(());
        }
        let reporter = match self.reporter.take() {
            Some(reporter) => reporter,
            None => self.health.reporter(self.name)?,
        };
        match fault {
            None => reporter.up(),
            // Without a report the last one becomes stale.
            Some(Fault::Hangs | Fault::Blocks) => {}
            Some(Fault::IsSlow | Fault::Degrades) => reporter.degraded("far behind"),
            Some(_) => reporter.down("lost the lease"),
        }
        self.reporter = Some(reporter);
        Ok(())
    }
}
