//! The health checks. The attribute is all it takes: nothing else in this program names these functions.
#![expect(
    clippy::unused_async,
    reason = "a check that only looks at memory is async too: a plain `fn` gets a thread for each run"
)]

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use health_runtime::{Outcome, health_check};
use rustix::fs::statvfs;

use crate::processing::{Heartbeat, Migration};
use crate::store::Store;

/// The folder that holds the database.
#[derive(Debug)]
pub(crate) struct DataFolder(pub(crate) PathBuf);

const SILENCE: Duration = Duration::from_secs(10);
const TENTH_OF_A_GB: u64 = 100_000_000;
const LOW: u64 = 10;

/// The orders can be read.
// Never cached: the query costs less than an outdated answer.
#[health_check(readiness, cache = "0s")]
async fn orders(store: &Store) -> Outcome {
    store.health().await
}

/// The database has the tables that this version needs.
#[health_check(startup, cache = "0s")]
async fn migration(migration: &Migration) -> Outcome {
    if migration.is_done() { Outcome::up() } else { Outcome::down("the migration has not ended") }
}

/// The processing of orders goes on.
#[health_check(liveness)]
async fn heartbeat(heartbeat: &Heartbeat) -> Outcome {
    let age = heartbeat.age();
    if age < SILENCE { Outcome::up() } else { Outcome::down(format!("order processing is silent for {}s", age.as_secs())) }
}

/// The disk of the database has space left.
// Not critical: this instance can still serve what is stored. A plain `fn`, because the call blocks.
#[health_check(readiness, critical = false, cache = "10s")]
fn disk(folder: &DataFolder) -> io::Result<Outcome> {
    let disk = statvfs(&folder.0)?;
    let tenths = disk.f_bavail.saturating_mul(disk.f_frsize) / TENTH_OF_A_GB;
    let outcome = if tenths < LOW { Outcome::degraded("less than 1 GB is free") } else { Outcome::up() };
    Ok(outcome.with("free_gb", f64::from(u32::try_from(tenths).unwrap_or(u32::MAX)) / 10.0))
}
