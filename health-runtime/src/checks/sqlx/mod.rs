//! A check of the database behind a connection pool of sqlx.

mod database_file;
#[cfg(feature = "sqlx-migrate")]
mod migrations;
mod pool_client;

use std::sync::{Arc, PoisonError};

use sqlx::error::DatabaseError;
use sqlx::{Database, Error, Executor, Pool};
use tokio::time::Instant;

#[cfg(feature = "sqlx-migrate")]
pub use self::migrations::{Migrations, MigrationsBuilder};
use self::pool_client::{PoolClient, Query, QueryResult};
use super::build_error::{BuildError, build_if_valid};
use super::shared::{SingleFlight, builtin_check, partial_debug};
use crate::core::engine::run_context::RunContext;
use crate::core::model::outcome::Outcome;

/// Checks that the database behind a connection pool responds to a query: `PostgreSQL`, `MySQL`, `MariaDB`, `SQLite`, or another
/// database that sqlx supports.
///
/// | database | default query, which reads |
/// |---|---|
/// | `PostgreSQL` | `SELECT 1 FROM pg_catalog.pg_namespace LIMIT 1`: a catalog of the database |
/// | `MySQL`, `MariaDB` | `SELECT 1 FROM information_schema.schemata WHERE schema_name = DATABASE() LIMIT 1`: whether the database of the connection exists |
/// | `SQLite` | `SELECT 1 FROM sqlite_master LIMIT 1`: the schema in the file |
/// | any other | `SELECT 1`: nothing |
///
/// If the default query has returned a row before and returns none, the check is down, `schema is missing`: the database was
/// dropped, or the file emptied. It does not look at the tables of the application; set [`query`](SqlxBuilder::query) for that.
///
/// A file of `SQLite` that is moved or removed stays readable through open connections. So the check also looks for the file
/// after each query, and is down, `database file is missing` or `database file was replaced`, if that differs from the first
/// run. With a replaced file it closes one idle connection in each run, and is up again when every connection to the old file
/// is closed. This applies to Unix, and not to a pool of sqlx's `Any`.
///
/// An exhausted pool does not mean that the database is down. If no connection is free for half of the check's `timeout`, the
/// outcome is degraded, `pool exhausted`, while the last successful query is within the maximum age of the check's results,
/// and down after that. A failed login is `authentication failed`. Details: `pool_size`, the number of open connections, and
/// `idle`, the number of them that are unused.
///
/// Each run uses one connection of the pool until the response arrives. It sends the query, and sqlx sends a ping when it returns
/// the connection to the pool. A broken connection is closed, and the next one is tried.
///
/// ```standalone_crate
/// use health_runtime::checks::Sqlx;
/// use health_runtime::{Check, Health, HealthState, Kind, Outcome, health_check};
/// use sqlx::SqlitePool;
///
/// /// The same check in an annotated function, which takes it as state.
/// #[health_check(startup)]
/// async fn orders(database: &Sqlx<sqlx::Sqlite>) -> Outcome {
///     database.run().await
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let database = Sqlx::builder(SqlitePool::connect_lazy("sqlite::memory:")?).build()?;
/// let check = Check::readiness("database", database.clone());
/// let health = Health::builder().check(check).state(database).start()?;
/// assert_eq!(health.report(Kind::Readiness).await.state(), HealthState::Healthy);
/// # Ok(())
/// # }
/// ```
pub struct Sqlx<DB: Database> {
    flight: Arc<SingleFlight<PoolClient<DB>, QueryResult, Error>>,
}

/// Configures and builds a [`Sqlx`]. Created by [`Sqlx::builder`].
#[must_use = "no check is created until `build`"]
pub struct SqlxBuilder<DB: Database> {
    pool: Pool<DB>,
    query: Query,
}

impl<DB: Database> Sqlx<DB> {
    /// Creates a builder for this pool with the default query of the database.
    pub fn builder(pool: Pool<DB>) -> SqlxBuilder<DB> {
        let query = Query::default_for(&pool);
        SqlxBuilder { pool, query }
    }
}

impl<DB: Database> SqlxBuilder<DB> {
    /// Sets the query. Its rows are read and discarded, so it should return at most one row. It should be cheap, because every
    /// instance sends it for every run.
    pub fn query(mut self, query: &'static str) -> Self {
        self.query = Query::custom(query);
        self
    }

    /// Creates the check. It sends its query at the first run.
    ///
    /// # Errors
    ///
    /// Returns an error if the query is empty or the pool is closed.
    pub fn build(self) -> Result<Sqlx<DB>, BuildError> {
        let Self { pool, query } = self;
        let mut problems = Vec::new();
        if query.text.trim().is_empty() {
            problems.push("`query` is empty; omit it for the default".to_owned());
        }
        if pool.is_closed() {
            problems.push("`pool` is closed; build the check before the pool is closed".to_owned());
        }
        build_if_valid("Sqlx", problems, || Sqlx { flight: Arc::new(SingleFlight::new(PoolClient::new(pool, query))) })
    }
}

impl<DB> Sqlx<DB>
where
    DB: Database,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    /// Runs the check once. For use in an annotated function.
    pub async fn run(&self) -> Outcome {
        let limits = RunContext::current();
        let acquire_timeout = limits.remaining() / 2;
        let result = self.flight.join_or_start(|client| async move { client.query(acquire_timeout).await }).await;
        let now = Instant::now();
        let PoolClient { pool, last_success_at, .. } = self.flight.target();
        let mut last_success_at = last_success_at.lock().unwrap_or_else(PoisonError::into_inner);
        match result {
            Ok(QueryResult::Responded { size, idle }) => {
                *last_success_at = Some(now);
                Outcome::up().with("pool_size", size).with("idle", idle)
            }
            Ok(QueryResult::PoolExhausted) => {
                let is_recent = last_success_at.is_some_and(|at| now.saturating_duration_since(at) <= limits.max_age);
                let outcome = if is_recent { Outcome::degraded(EXHAUSTED) } else { Outcome::down(EXHAUSTED) };
                outcome.with("pool_size", pool.size()).with("idle", 0)
            }
            Ok(QueryResult::Lost { reason }) => Outcome::down(reason),
            Err(error) if is_login_error(&error) => Outcome::failed_as("authentication failed", &error),
            Err(error) => Outcome::failed(&error),
        }
    }
}

const EXHAUSTED: &str = "pool exhausted";

/// Class 28 of the SQLSTATE codes is "invalid authorization specification" in every database that has them.
fn is_login_error(error: &Error) -> bool {
    error.as_database_error().and_then(DatabaseError::code).is_some_and(|code| code.starts_with("28"))
}

builtin_check!(
    Sqlx<DB>,
    external: true,
    where DB: Database, for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>
);

// A derived implementation would require the same of the database type.
impl<DB: Database> Clone for Sqlx<DB> {
    fn clone(&self) -> Self {
        Self { flight: Arc::clone(&self.flight) }
    }
}

partial_debug!(Sqlx<DB: Database>, |sqlx| query: &sqlx.flight.target().query.text);
partial_debug!(SqlxBuilder<DB: Database>, |builder| query: &builder.query.text);
