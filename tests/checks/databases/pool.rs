//! A health of one pool, and what it says.

use std::time::Duration;

use health_runtime::checks::Sqlx;
use health_runtime::{Check, CheckReport, Health, Kind, Status};
use sqlx::pool::PoolOptions;
use sqlx::{Database, Executor, Pool};

/// Of one run. A busy machine answers long before.
pub(crate) const LIMIT: Duration = Duration::from_secs(2);
/// Longer than any run.
const DEADLINE: Duration = Duration::from_secs(10);

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
    Health::builder().linked_checks(false).check(check).deadline(DEADLINE).start().unwrap()
}

/// What one probe finds of the one check.
pub(crate) async fn probe<T>(health: &Health, look: impl FnOnce(&CheckReport) -> T) -> T {
    look(health.report(Kind::Readiness).await.check("database").unwrap())
}

/// The status and the public error.
pub(crate) async fn said(health: &Health) -> (Status, Option<String>) {
    probe(health, |check| (check.status(), check.error().map(ToOwned::to_owned))).await
}

pub(crate) const UP: (Status, Option<String>) = (Status::Up, None);

pub(crate) fn down(error: &str) -> (Status, Option<String>) {
    (Status::Down, Some(error.to_owned()))
}
