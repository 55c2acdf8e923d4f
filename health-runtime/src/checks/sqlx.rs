//! A check of the database behind a connection pool of sqlx.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::pool::PoolConnection;
use sqlx::{ConnectOptions, Connection, Database, Error, Executor, Pool};
use tokio::time::{Instant, timeout};

use super::build_error::{BuildError, build_if_valid};
use super::shared::{SingleFlight, builtin_check, partial_debug};
use crate::core::engine::run_context::RunContext;
use crate::core::model::outcome::Outcome;

/// Checks that the database behind a connection pool responds to a trivial query: `PostgreSQL`, `MySQL`, `MariaDB`, `SQLite`,
/// or another database that sqlx supports.
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
    query: &'static str,
}

struct PoolClient<DB: Database> {
    pool: Pool<DB>,
    query: &'static str,
    last_success_at: Mutex<Option<Instant>>,
}

enum QueryResult {
    Responded { size: u32, idle: u32 },
    PoolExhausted,
}

impl<DB: Database> Sqlx<DB> {
    /// Creates a builder for this pool with the query `SELECT 1`.
    pub fn builder(pool: Pool<DB>) -> SqlxBuilder<DB> {
        SqlxBuilder { pool, query: "SELECT 1" }
    }
}

impl<DB: Database> SqlxBuilder<DB> {
    /// Sets the query, `SELECT 1` by default. Its rows are read and discarded, so it should return at most one row. It should be
    /// cheap, because every instance sends it for every run.
    pub fn query(mut self, query: &'static str) -> Self {
        self.query = query;
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
        if query.trim().is_empty() {
            problems.push("`query` is empty; omit it for `SELECT 1`".to_owned());
        }
        if pool.is_closed() {
            problems.push("`pool` is closed; build the check before the pool is closed".to_owned());
        }
        build_if_valid("Sqlx", problems, || {
            let client = PoolClient { pool, query, last_success_at: Mutex::default() };
            Sqlx { flight: Arc::new(SingleFlight::new(client)) }
        })
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

impl<DB> PoolClient<DB>
where
    DB: Database,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    /// Sends the query over a connection of the pool, which must be free within `acquire_timeout`.
    async fn query(&self, acquire_timeout: Duration) -> Result<QueryResult, Error> {
        // After a restart of the server every idle connection is broken, which only its next use shows.
        while let Some(idle) = self.pool.try_acquire() {
            match self.query_on(idle).await {
                Ok(result) => return Ok(result),
                // It may be the last message of the server on this connection alone.
                Err(Error::Database(_)) => break,
                Err(_) => {}
            }
        }
        match timeout(acquire_timeout, self.pool.acquire()).await {
            Ok(Ok(connection)) => self.query_on(connection).await,
            Ok(Err(Error::PoolTimedOut)) | Err(_) => self.diagnose().await,
            Ok(Err(error)) => Err(error),
        }
    }

    /// Finds the reason why the pool returned no connection: all are in use, or none can be opened. While the server refuses
    /// connections, the pool retries and reports no error, so this opens an extra connection, which reports it.
    async fn diagnose(&self) -> Result<QueryResult, Error> {
        let is_full = self.pool.size() >= self.pool.options().get_max_connections();
        if is_full {
            return Ok(QueryResult::PoolExhausted);
        }
        let mut extra_connection = self.pool.connect_options().connect().await?;
        extra_connection.execute(self.query).await?;
        let _ = extra_connection.close().await;
        Ok(self.responded(0))
    }

    async fn query_on(&self, connection: PoolConnection<DB>) -> Result<QueryResult, Error> {
        let mut guard = CloseOnDrop(Some(connection));
        let Some(connection) = &mut guard.0 else { return Err(Error::WorkerCrashed) };
        let result = connection.execute(self.query).await;
        if let Ok(_) | Err(Error::Database(_)) = result {
            // The server responded. sqlx pings the connection in a task and returns it to the pool.
            drop(guard.0.take());
        }
        result.map(|_| self.responded(1))
    }

    /// Returns the size of the pool. The `own` connections of the check count as idle.
    fn responded(&self, own: u32) -> QueryResult {
        let idle = u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX);
        QueryResult::Responded { size: self.pool.size(), idle: idle.saturating_add(own) }
    }
}

/// Closes a connection that had no response. In the pool it would be pinged without a time limit, and would occupy the slot of
/// a working one until then.
struct CloseOnDrop<DB: Database>(Option<PoolConnection<DB>>);

impl<DB: Database> Drop for CloseOnDrop<DB> {
    fn drop(&mut self) {
        drop(self.0.take().map(PoolConnection::detach));
    }
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

partial_debug!(Sqlx<DB: Database>, |sqlx| query: &sqlx.flight.target().query);
partial_debug!(SqlxBuilder<DB: Database>, |builder| query: &builder.query);
