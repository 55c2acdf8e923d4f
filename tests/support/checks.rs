//! Checks made at run time, and a health of them.

use std::error::Error;
use std::fmt;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use health_runtime::{Check, Health, HealthBuilder, Kind, Outcome, Report, Status};

/// Returns a builder with these checks only, without the linked ones of the test binary.
pub fn builder(checks: impl IntoIterator<Item = Check>) -> HealthBuilder {
    checks.into_iter().fold(Health::builder().linked_checks(false), HealthBuilder::check)
}

/// Starts a health with these checks only.
pub fn health(checks: impl IntoIterator<Item = Check>) -> Health {
    builder(checks).start().unwrap()
}

/// Creates a check that returns the same outcome on every run.
pub fn always(kind: Kind, name: &str, outcome: fn() -> Outcome) -> Check {
    let run = move || ready(outcome());
    match kind {
        Kind::Liveness => Check::liveness(name, run),
        Kind::Readiness => Check::readiness(name, run),
        Kind::Startup => Check::startup(name, run),
    }
}

/// Creates a check that is always up.
pub fn up(kind: Kind, name: &str) -> Check {
    always(kind, name, Outcome::up)
}

/// Creates a check that is always down.
pub fn down(kind: Kind, name: &str) -> Check {
    always(kind, name, || Outcome::down("broken"))
}

/// Returns the status and the reason of a check in a report.
pub fn status_of(report: &Report, check: &str) -> (Status, Option<String>) {
    let check = report.check(check).unwrap_or_else(|| panic!("no check `{check}`"));
    (check.status(), check.error().map(ToOwned::to_owned))
}

/// What [`status_of`] returns for a check that is up.
pub const UP: (Status, Option<String>) = (Status::Up, None);

/// Returns what [`status_of`] returns for a check with this reason.
pub fn with_reason(status: Status, reason: &str) -> (Status, Option<String>) {
    (status, Some(reason.to_owned()))
}

/// An error with a source.
#[derive(Debug)]
pub struct Caused(pub String, pub Option<Box<dyn Error + Send + Sync>>);

impl fmt::Display for Caused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Caused {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(|cause| cause as &(dyn Error + 'static))
    }
}

/// Panics with a secret.
pub async fn panics() {
    tokio::task::yield_now().await;
    panic!("hunter2");
}

/// Counts the runs that started, and the most that were in flight at once.
#[derive(Debug, Clone, Default)]
pub struct Runs {
    started: Arc<AtomicUsize>,
    in_flight: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Runs {
    /// Returns how many runs started.
    pub fn started(&self) -> usize {
        self.started.load(Ordering::SeqCst)
    }

    /// Returns how many runs were in flight at once, at most.
    pub fn most_at_once(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }

    /// Runs for this long. The run is counted until it finishes or is cancelled.
    pub async fn run_for(&self, time: Duration) {
        let _run = self.start();
        tokio::time::sleep(time).await;
    }

    /// Starts a run, which is in flight until the guard is dropped.
    pub fn start(&self) -> InFlight {
        self.started.fetch_add(1, Ordering::SeqCst);
        let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        InFlight(Arc::clone(&self.in_flight))
    }
}

/// One run of [`Runs`].
#[derive(Debug)]
pub struct InFlight(Arc<AtomicUsize>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
