//! Background work: the migration once, then the processing of orders in a loop.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use health_runtime::LivenessSafe;
use tokio::time::{sleep, timeout};

use crate::store::Store;

const INTERVAL: Duration = Duration::from_secs(1);
const PROCESSING_TIMEOUT: Duration = Duration::from_secs(3);

/// Whether the migration is finished.
#[derive(Debug, Default)]
pub(crate) struct Migration(OnceLock<()>);

impl Migration {
    pub(crate) fn is_done(&self) -> bool {
        self.0.get().is_some()
    }

    /// Migrates the database, and retries until that succeeds.
    pub(crate) async fn run(&self, store: &Store) {
        while let Err(error) = store.migrate().await {
            tracing::warn!(%error, "the migration failed; will retry");
            sleep(INTERVAL).await;
        }
        self.0.get_or_init(|| tracing::info!("the migration is finished"));
    }
}

/// The time at which order processing started its last iteration.
#[derive(Debug)]
pub(crate) struct Heartbeat(Mutex<Instant>);

/// A liveness check may read it: it is memory of this process, and no external dependency can block it.
impl LivenessSafe for Heartbeat {}

impl Heartbeat {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Instant::now()))
    }

    pub(crate) fn age(&self) -> Duration {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    fn beat(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}

/// Processes orders until it is aborted.
///
/// A database that fails or hangs stops neither the loop nor the heartbeat, because a restart of this process would not repair
/// the database. The readiness check reports its failure.
pub(crate) async fn process(store: &Store, migration: &Migration, heartbeat: &Heartbeat) {
    let mut failing = false;
    loop {
        heartbeat.beat();
        if migration.is_done() {
            let problem = match timeout(PROCESSING_TIMEOUT, store.process()).await {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(error.to_string()),
                Err(elapsed) => Some(elapsed.to_string()),
            };
            match &problem {
                Some(error) if !failing => tracing::warn!(error, "cannot process orders"),
                None if failing => tracing::info!("processing orders again"),
                _ => {}
            }
            failing = problem.is_some();
        }
        sleep(INTERVAL).await;
    }
}
