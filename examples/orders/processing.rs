//! The work in the background: the migration once, then the processing of orders, turn by turn.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use health_runtime::LivenessSafe;
use tokio::time::{sleep, timeout};

use crate::store::Store;

const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_TURN: Duration = Duration::from_secs(3);

/// Whether the migration has ended.
#[derive(Debug, Default)]
pub(crate) struct Migration(OnceLock<()>);

impl Migration {
    pub(crate) fn is_done(&self) -> bool {
        self.0.get().is_some()
    }

    /// Migrates, until that has succeeded.
    pub(crate) async fn run(&self, store: &Store) {
        while let Err(error) = store.migrate().await {
            tracing::warn!(%error, "the migration failed and is tried again");
            sleep(PAUSE).await;
        }
        self.0.get_or_init(|| tracing::info!("the migration is done"));
    }
}

/// When the processing of orders last began a turn.
#[derive(Debug)]
pub(crate) struct Heartbeat(Mutex<Instant>);

/// A liveness check may read it: it lives in this process, and nothing outside can hold it up.
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

/// Processes orders, for ever.
///
/// A database that fails or hangs does not stop the turns, and so not the heart: a restart of this process would not
/// mend it. That it fails is for the readiness check to say.
pub(crate) async fn process(store: &Store, migration: &Migration, heartbeat: &Heartbeat) {
    let mut failing = false;
    loop {
        heartbeat.beat();
        if migration.is_done() {
            let problem = match timeout(LONGEST_TURN, store.process()).await {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(error.to_string()),
                Err(elapsed) => Some(elapsed.to_string()),
            };
            match &problem {
                Some(error) if !failing => tracing::warn!(error, "orders cannot be processed"),
                None if failing => tracing::info!("orders are processed again"),
                _ => {}
            }
            failing = problem.is_some();
        }
        sleep(PAUSE).await;
    }
}
