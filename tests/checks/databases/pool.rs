//! A health of one pool, and its status.

use std::time::Duration;

use health_runtime::checks::Sqlx;
use health_runtime::{Check, Health, Kind, Status};
pub(crate) use health_tests::checks::UP;
use health_tests::checks::{builder, status_of};
use sqlx::pool::PoolOptions;
use sqlx::{Database, Executor, Pool};

use crate::probed;

/// The timeout of a run. A busy machine needs much less.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);
/// Longer than any run.
const DEADLINE: Duration = Duration::from_mins(2);

pub(crate) fn pool<DB: Database>(url: &str, connections: u32) -> Pool<DB> {
    PoolOptions::new().max_connections(connections).connect_lazy(url).unwrap()
}

pub(crate) fn health<DB>(pool: Pool<DB>, limit: Duration) -> Health
where
    DB: Database,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let check = Sqlx::builder(pool).build().unwrap();
    let check = Check::readiness("database", check).cache(Duration::ZERO).timeout(limit);
    builder([check]).deadline(DEADLINE).start().unwrap()
}

/// Probes once and returns the status and the reason.
pub(crate) async fn status(health: &Health) -> (Status, Option<String>) {
    status_of(&*health.report(Kind::Readiness).await, "database")
}

/// The details that differ from one run to the next.
pub(crate) const FIGURES: &[&str] = &["pool_size", "idle"];

/// Returns what a probe of the contract finds while the database runs.
pub(crate) fn entry_up() -> (u16, String) {
    probed::up(r#""pool_size":_,"idle":_"#)
}
