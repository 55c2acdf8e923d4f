//! A database behind a pool of sqlx.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::pool::PoolConnection;
use sqlx::{ConnectOptions, Connection, Database, Error, Executor, Pool};
use tokio::time::{Instant, timeout};

use super::build_error::BuildError;
use crate::checks::shared::single_flight::Question;
use crate::core::engine::run_context::RunContext;
use crate::core::model::outcome::Outcome;
use crate::core::registry::check::Run;
use crate::core::registry::descriptor::CheckFuture;

/// The database behind a pool answers a trivial query: `PostgreSQL`, `MySQL` and `MariaDB`, `SQLite`, or any other that sqlx knows.
///
/// A pool whose connections are all taken is no dead database: where none is free for half of the check's `timeout`, the
/// outcome is degraded, `pool exhausted`, as long as one was answered within the age limit of the check, and down after that.
/// A failure to log in is `authentication failed`. Details: `pool_size`, the connections that are open, and `idle`, those of
/// them that nobody uses.
///
/// # What it costs the database
///
/// One connection of the pool for as long as the answer takes, and two round trips: the query, and the ping with which sqlx
/// takes the connection back into the pool. The first probe of an empty pool opens a connection, which takes three more round
/// trips with `PostgreSQL` and two with `MariaDB`, without TLS. A connection that is found broken is closed, and the next is tried. A database
/// that does not answer is asked no second time while the first question is open, for at least 10 s.
///
/// ```standalone_crate
/// use health_runtime::checks::Sqlx;
/// use health_runtime::{Check, Health, HealthState, Kind, Outcome, health_check};
/// use sqlx::SqlitePool;
///
/// /// The same inside an annotated function, which finds it as state.
/// #[health_check(startup)]
/// async fn orders(database: &Sqlx<sqlx::Sqlite>) -> Outcome {
///     database.run().await
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let database = Sqlx::builder(SqlitePool::connect_lazy("sqlite::memory:")?).build()?;
/// let health =
///     Health::builder().check(Check::readiness("database", database.clone())).state(database).start()?;
/// assert_eq!(health.report(Kind::Readiness).await.state(), HealthState::Healthy);
/// # Ok(())
/// # }
/// ```
pub struct Sqlx<DB: Database> {
    inner: Arc<Inner<DB>>,
}

struct Inner<DB: Database> {
    asker: Asker<DB>,
    question: Question<Answer, Error>,
    answered: Mutex<Option<Instant>>,
}

/// The settings of a [`Sqlx`]. Made by [`Sqlx::builder`].
#[must_use = "no check is made until `build`"]
pub struct SqlxBuilder<DB: Database> {
    asker: Asker<DB>,
}

/// What one question needs.
struct Asker<DB: Database> {
    pool: Pool<DB>,
    query: &'static str,
}

enum Answer {
    Answered { size: u32, idle: u32 },
    Exhausted,
}

impl<DB: Database> Sqlx<DB> {
    /// Begins with this pool and the query `SELECT 1`.
    pub fn builder(pool: Pool<DB>) -> SqlxBuilder<DB> {
        SqlxBuilder { asker: Asker { pool, query: "SELECT 1" } }
    }
}

impl<DB: Database> SqlxBuilder<DB> {
    /// Asks this in place of `SELECT 1`. Its rows are read and thrown away, so let it give one at most, and let it be cheap:
    /// it is asked for every instance, day and night.
    pub fn query(mut self, query: &'static str) -> Self {
        self.asker.query = query;
        self
    }

    /// Makes the check. Nothing is asked yet.
    ///
    /// # Errors
    ///
    /// When the query is empty, or the pool is closed.
    pub fn build(self) -> Result<Sqlx<DB>, BuildError> {
        let Self { asker } = self;
        let mut mistakes = Vec::new();
        if asker.query.trim().is_empty() {
            mistakes.push("`query` is empty; leave it out for `SELECT 1`".to_owned());
        }
        if asker.pool.is_closed() {
            mistakes.push("`pool` is closed; build the check before the pool is closed".to_owned());
        }
        BuildError::unless("Sqlx", mistakes, || Sqlx {
            inner: Arc::new(Inner { asker, question: Question::default(), answered: Mutex::default() }),
        })
    }
}

impl<DB> Sqlx<DB>
where
    DB: Database,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    /// One run, for use inside an annotated function.
    pub async fn run(&self) -> Outcome {
        let limits = RunContext::current();
        let Inner { asker, question, answered } = &*self.inner;
        let answer = question.answer(|| {
            let asker = asker.clone();
            let patience = limits.remaining() / 2;
            async move { asker.ask(patience).await }
        });
        let answer = answer.await;
        let now = Instant::now();
        let mut answered = answered.lock().unwrap_or_else(PoisonError::into_inner);
        match answer {
            Ok(Answer::Answered { size, idle }) => {
                *answered = Some(now);
                Outcome::up().with("pool_size", size).with("idle", idle)
            }
            Ok(Answer::Exhausted) => {
                let is_known = answered.is_some_and(|answered| now.saturating_duration_since(answered) <= limits.max_age);
                let outcome = if is_known { Outcome::degraded(EXHAUSTED) } else { Outcome::down(EXHAUSTED) };
                outcome.with("pool_size", asker.pool.size()).with("idle", 0)
            }
            Err(error) if is_refused_login(&error) => Outcome::failed_as("authentication failed", &error),
            Err(error) => Outcome::failed(&error),
        }
    }
}

const EXHAUSTED: &str = "pool exhausted";

/// Class 28 of SQL's states is "invalid authorization specification", with every database that has them.
fn is_refused_login(error: &Error) -> bool {
    error.as_database_error().and_then(DatabaseError::code).is_some_and(|code| code.starts_with("28"))
}

impl<DB> Asker<DB>
where
    DB: Database,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    /// Waits for a connection for no longer than `patience`.
    async fn ask(&self, patience: Duration) -> Result<Answer, Error> {
        // After a restart of the server every idle connection is broken, and none of them says anything of it.
        while let Some(idle) = self.pool.try_acquire() {
            match self.ask_on(idle).await {
                Ok(answer) => return Ok(answer),
                // It may be the server's word of farewell on this connection alone.
                Err(Error::Database(_)) => break,
                Err(_) => {}
            }
        }
        match timeout(patience, self.pool.acquire()).await {
            Ok(Ok(connection)) => self.ask_on(connection).await,
            Ok(Err(Error::PoolTimedOut)) | Err(_) => self.look_into().await,
            Ok(Err(error)) => Err(error),
        }
    }

    /// Why there is no connection: all are taken, or none can be made. While the server refuses them the pool tries again and
    /// says nothing, so one is made beside it, which tells why.
    async fn look_into(&self) -> Result<Answer, Error> {
        let is_full = self.pool.size() >= self.pool.options().get_max_connections();
        if is_full {
            return Ok(Answer::Exhausted);
        }
        let mut beside = self.pool.connect_options().connect().await?;
        beside.execute(self.query).await?;
        let _ = beside.close().await;
        Ok(self.answered(0))
    }

    async fn ask_on(&self, connection: PoolConnection<DB>) -> Result<Answer, Error> {
        let mut held = Held(Some(connection));
        let Some(connection) = &mut held.0 else { return Err(Error::WorkerCrashed) };
        let result = connection.execute(self.query).await;
        if let Ok(_) | Err(Error::Database(_)) = result {
            // It answered. sqlx looks into it once more, by a task of its own, and puts it back.
            drop(held.0.take());
        }
        result.map(|_| self.answered(1))
    }

    fn answered(&self, ours: u32) -> Answer {
        let idle = u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX);
        Answer::Answered { size: self.pool.size(), idle: idle.saturating_add(ours) }
    }
}

/// A connection that was not answered is closed. In the pool it would be asked again, without a limit, and would take the
/// place of a good one as long as nothing answers.
struct Held<DB: Database>(Option<PoolConnection<DB>>);

impl<DB: Database> Drop for Held<DB> {
    fn drop(&mut self) {
        drop(self.0.take().map(PoolConnection::detach));
    }
}

impl<DB> Run for Sqlx<DB>
where
    DB: Database,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    fn start(&self) -> CheckFuture<'static> {
        let check = self.clone();
        Box::pin(async move { check.run().await })
    }

    fn is_external(&self) -> bool {
        true
    }
}

// Derived, these would ask the same of the type of the database.
impl<DB: Database> Clone for Sqlx<DB> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<DB: Database> Clone for Asker<DB> {
    fn clone(&self) -> Self {
        Self { pool: self.pool.clone(), query: self.query }
    }
}

impl<DB: Database> fmt::Debug for Sqlx<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqlx").field("query", &self.inner.asker.query).finish_non_exhaustive()
    }
}

impl<DB: Database> fmt::Debug for SqlxBuilder<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlxBuilder").field("query", &self.asker.query).finish_non_exhaustive()
    }
}
