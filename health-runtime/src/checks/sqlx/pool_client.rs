//! Queries over the connections of a pool.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{ConnectOptions, Connection, Database, Error, Executor, Pool};
use tokio::time::{Instant, timeout};

use super::database_file::{DatabaseFile, FileState};

pub(super) struct PoolClient<DB: Database> {
    pub(super) pool: Pool<DB>,
    pub(super) query: Query,
    pub(super) last_success_at: Mutex<Option<Instant>>,
    file: DatabaseFile,
    /// Whether a query has returned a row.
    had_rows: AtomicBool,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Query {
    pub(super) text: &'static str,
    /// Whether no row means that the schema is missing, if there was one before.
    reads_schema: bool,
}

pub(super) enum QueryResult {
    Responded { size: u32, idle: u32 },
    PoolExhausted,
    Lost { reason: &'static str },
}

impl Query {
    /// Returns a query that reads something of the database. A query without a table is answered even if nothing is left.
    pub(super) fn default_for<DB: Database>(pool: &Pool<DB>) -> Self {
        // Other options may panic while they make their URL.
        let any = (DB::NAME == "Any").then(|| pool.connect_options().to_url_lossy());
        let text = match any.as_ref().map_or(DB::NAME, |url| url.scheme()) {
            "PostgreSQL" | "postgres" | "postgresql" => "SELECT 1 FROM pg_catalog.pg_namespace LIMIT 1",
            "MySQL" | "mysql" | "mariadb" => "SELECT 1 FROM information_schema.schemata WHERE schema_name = DATABASE() LIMIT 1",
            "SQLite" | "sqlite" => "SELECT 1 FROM sqlite_master LIMIT 1",
            _ => "SELECT 1",
        };
        Self { text, reads_schema: true }
    }

    pub(super) fn custom(text: &'static str) -> Self {
        Self { text, reads_schema: false }
    }
}

impl<DB: Database> PoolClient<DB> {
    pub(super) fn new(pool: Pool<DB>, query: Query) -> Self {
        let file = DatabaseFile::of(DB::NAME, &*pool.connect_options());
        Self { pool, query, last_success_at: Mutex::default(), file, had_rows: AtomicBool::new(false) }
    }
}

impl<DB> PoolClient<DB>
where
    DB: Database,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    /// Sends the query over a connection of the pool, which must be free within `acquire_timeout`.
    pub(super) async fn query(&self, acquire_timeout: Duration) -> Result<QueryResult, Error> {
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
        extra_connection.execute(self.query.text).await?;
        let _ = extra_connection.close().await;
        Ok(self.responded(0))
    }

    async fn query_on(&self, connection: PoolConnection<DB>) -> Result<QueryResult, Error> {
        let mut guard = CloseOnDrop(Some(connection));
        let Some(connection) = &mut guard.0 else { return Err(Error::WorkerCrashed) };
        let result = if self.query.reads_schema {
            connection.fetch_all(self.query.text).await.map(|rows| !rows.is_empty())
        } else {
            connection.execute(self.query.text).await.map(|_| true)
        };
        let file = if result.is_ok() { self.file.state().await } else { FileState::Same };
        if file == FileState::Replaced {
            drop(guard);
            if self.pool.size() == 0 {
                self.file.forget();
            }
            return Ok(QueryResult::Lost { reason: "database file was replaced" });
        }
        if let Ok(_) | Err(Error::Database(_)) = result {
            // The server responded. sqlx pings the connection in a task and returns it to the pool.
            drop(guard.0.take());
        }
        let has_rows = result?;
        Ok(if file == FileState::Missing {
            QueryResult::Lost { reason: "database file is missing" }
        } else if !has_rows && self.had_rows.load(Ordering::Relaxed) {
            QueryResult::Lost { reason: "schema is missing" }
        } else {
            self.had_rows.fetch_or(has_rows, Ordering::Relaxed);
            self.responded(1)
        })
    }

    /// Returns the size of the pool. The `own` connections of the check count as idle.
    fn responded(&self, own: u32) -> QueryResult {
        let idle = u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX);
        QueryResult::Responded { size: self.pool.size(), idle: idle.saturating_add(own) }
    }
}

/// Closes a connection that had no response. In the pool it would be pinged without a time limit, and would occupy the slot of
/// a working one until then.
pub(super) struct CloseOnDrop<DB: Database>(pub(super) Option<PoolConnection<DB>>);

impl<DB: Database> Drop for CloseOnDrop<DB> {
    fn drop(&mut self) {
        drop(self.0.take().map(PoolConnection::detach));
    }
}
