//! The health checks. The attribute registers them: nothing else in this program names these functions.
#![expect(
    clippy::unused_async,
    reason = "a check that only reads memory is async too, because each run of a plain `fn` gets a thread"
)]

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use health_runtime::{Outcome, health_check};
use rustix::fs::statvfs;

use crate::processing::{Heartbeat, Migration};
use crate::store::Store;

/// The folder of the database file.
#[derive(Debug)]
pub(crate) struct DataFolder(pub(crate) PathBuf);

const MAX_HEARTBEAT_AGE: Duration = Duration::from_secs(10);
const TENTH_OF_A_GB: u64 = 100_000_000;
const MIN_FREE_TENTHS: u64 = 10;

/// The orders table is readable.
// Not cached: the query is cheaper than an outdated response.
#[health_check(readiness, cache = "0s")]
async fn orders(store: &Store) -> Outcome {
    store.health().await
}

/// The database has the tables that this version needs.
#[health_check(startup, cache = "0s")]
async fn migration(migration: &Migration) -> Outcome {
    if migration.is_done() { Outcome::up() } else { Outcome::down("the migration is not finished") }
}

/// Order processing makes progress.
#[health_check(liveness)]
async fn heartbeat(heartbeat: &Heartbeat) -> Outcome {
    let age = heartbeat.age();
    if age < MAX_HEARTBEAT_AGE { Outcome::up() } else { Outcome::down(format!("no progress for {}s", age.as_secs())) }
}

/// The disk of the database has free space.
// Not critical: this instance can still serve stored orders. A plain `fn`, because the call blocks.
#[health_check(readiness, critical = false, cache = "10s")]
fn disk(folder: &DataFolder) -> io::Result<Outcome> {
    let disk = statvfs(&folder.0)?;
    let tenths = disk.f_bavail.saturating_mul(disk.f_frsize) / TENTH_OF_A_GB;
    let outcome = if tenths < MIN_FREE_TENTHS { Outcome::degraded("less than 1 GB is free") } else { Outcome::up() };
    Ok(outcome.with("free_gb", f64::from(u32::try_from(tenths).unwrap_or(u32::MAX)) / 10.0))
}
