//! A check that the database has the migrations of this program.

mod versions;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::migrate::{Migrate, MigrateError, Migrator};
use sqlx::{Database, Error, Pool};
use tokio::time::{Instant, timeout};

use super::pool_client::CloseOnDrop;
use super::{EXHAUSTED, is_login_error};
use crate::checks::build_error::{BuildError, build_if_valid};
use crate::checks::shared::{SingleFlight, builtin_check, partial_debug};
use crate::core::engine::run_context::RunContext;
use crate::core::model::outcome::Outcome;
use crate::core::model::status::Status;
use versions::{Version, outcome};

/// The table of `sqlx::migrate!` unless it is configured otherwise.
const DEFAULT_TABLE: &str = "_sqlx_migrations";

/// Checks that the database behind a connection pool has the migrations of this program, which `sqlx::migrate!` embeds:
/// `PostgreSQL`, `MySQL`, `MariaDB` or `SQLite`. An instance on a database that it cannot use is not ready.
///
/// | database | outcome |
/// |---|---|
/// | has every migration | up |
/// | has newer ones too, because a newer version of the program is rolled out | up |
/// | lacks some | down, `behind: version 3 is not applied` |
/// | has one that failed half-way | down, `dirty: version 3 failed` |
/// | has no table of migrations, such as an empty database | down, `no migrations: version 3 is expected` |
/// | has one whose text differs from this program's | degraded, `changed: version 2 differs`; `Migrator::run` refuses it |
///
/// Details: `applied` and `expected`, the newest versions. A failed login is `authentication failed`. If no connection is free for
/// half of the check's `timeout`, the outcome is degraded, `pool exhausted`, while the last result is within the maximum age of the
/// check's results, and down after that.
///
/// It applies nothing, takes no lock and writes nothing: each run sends two `SELECT` statements over one connection of the pool. The
/// schema changes rarely, so an `interval` such as `30s` is enough.
///
/// ```standalone_crate
/// use health_runtime::checks::Migrations;
/// use health_runtime::{Check, Health, HealthState, Kind};
/// use sqlx::SqlitePool;
/// use sqlx::migrate::Migrator;
///
/// /// `sqlx::migrate!()`, with the feature `macros` of sqlx.
/// static MIGRATOR: Migrator = Migrator::DEFAULT;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pool = SqlitePool::connect_lazy("sqlite::memory:")?;
/// let schema = Migrations::builder(pool, &MIGRATOR).build()?;
/// let health = Health::builder().check(Check::readiness("schema", schema)).start()?;
/// assert_eq!(health.report(Kind::Readiness).await.state(), HealthState::Healthy);
/// # Ok(())
/// # }
/// ```
pub struct Migrations<DB: Database> {
    flight: Arc<SingleFlight<Target<DB>, Reading, Error>>,
}

/// Configures and builds a [`Migrations`]. Created by [`Migrations::builder`].
#[must_use = "no check is created until `build`"]
pub struct MigrationsBuilder<DB: Database> {
    pool: Pool<DB>,
    table: &'static str,
    expected: Vec<Version>,
}

struct Target<DB: Database> {
    pool: Pool<DB>,
    table: &'static str,
    /// Sorted by version.
    expected: Vec<Version>,
    last_success_at: Mutex<Option<Instant>>,
}

/// What one run reads.
enum Reading {
    PoolExhausted,
    /// There is no table of migrations.
    NoTable,
    Table {
        dirty: Option<i64>,
        /// Sorted by version.
        applied: Vec<Version>,
    },
}

impl<DB: Database> Migrations<DB> {
    /// Creates a builder for this pool and the migrations of this program.
    pub fn builder(pool: Pool<DB>, migrator: &Migrator) -> MigrationsBuilder<DB> {
        let up = migrator.iter().filter(|migration| !migration.migration_type.is_down_migration());
        let version = up.map(|migration| Version { number: migration.version, checksum: migration.checksum.to_vec() });
        let mut expected: Vec<Version> = version.collect();
        expected.sort_by_key(|version| version.number);
        MigrationsBuilder { pool, table: DEFAULT_TABLE, expected }
    }
}

impl<DB: Database> MigrationsBuilder<DB> {
    /// Sets the table of migrations, if it is not `_sqlx_migrations`. The name is part of the statements as it is.
    pub fn table(mut self, table: &'static str) -> Self {
        self.table = table;
        self
    }

    /// Creates the check. It sends its statements at the first run.
    ///
    /// # Errors
    ///
    /// Returns an error if the name of the table is empty or the pool is closed.
    pub fn build(self) -> Result<Migrations<DB>, BuildError> {
        let Self { pool, table, expected } = self;
        let mut problems = Vec::new();
        if table.trim().is_empty() {
            problems.push(format!("`table` is empty; omit it for `{DEFAULT_TABLE}`"));
        }
        if pool.is_closed() {
            problems.push("`pool` is closed; build the check before the pool is closed".to_owned());
        }
        build_if_valid("Migrations", problems, || {
            let target = Target { pool, table, expected, last_success_at: Mutex::default() };
            Migrations { flight: Arc::new(SingleFlight::new(target)) }
        })
    }
}

impl<DB: Database> Migrations<DB>
where
    DB::Connection: Migrate,
{
    /// Runs the check once. For use in an annotated function.
    pub async fn run(&self) -> Outcome {
        let limits = RunContext::current();
        let acquire_timeout = limits.remaining() / 2;
        let result = self.flight.join_or_start(|target| async move { target.read(acquire_timeout).await }).await;
        let Target { expected, last_success_at, .. } = self.flight.target();
        let now = Instant::now();
        let mut last_success_at = last_success_at.lock().unwrap_or_else(PoisonError::into_inner);
        match result {
            Ok(Reading::PoolExhausted) => {
                let is_recent = last_success_at.is_some_and(|at| now.saturating_duration_since(at) <= limits.max_age);
                if is_recent { Outcome::degraded(EXHAUSTED) } else { Outcome::down(EXHAUSTED) }
            }
            Ok(Reading::NoTable) => outcome(None, &[], expected),
            Ok(Reading::Table { dirty, applied }) => {
                let outcome = outcome(dirty, &applied, expected);
                if outcome.status() < Status::Down {
                    *last_success_at = Some(now);
                }
                outcome
            }
            Err(error) if is_login_error(&error) => Outcome::failed_as("authentication failed", &error),
            Err(error) => Outcome::failed(&error),
        }
    }
}

impl<DB: Database> Target<DB>
where
    DB::Connection: Migrate,
{
    async fn read(&self, acquire_timeout: Duration) -> Result<Reading, Error> {
        let connection = match timeout(acquire_timeout, self.pool.acquire()).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(Error::PoolTimedOut)) | Err(_) => return Ok(Reading::PoolExhausted),
            Ok(Err(error)) => return Err(error),
        };
        let mut guard = CloseOnDrop(Some(connection));
        let Some(connection) = &mut guard.0 else { return Err(Error::WorkerCrashed) };
        let result = match connection.dirty_version(self.table).await {
            Ok(dirty) => connection.list_applied_migrations(self.table).await.map(|applied| (dirty, applied)),
            Err(error) => Err(error),
        };
        match result {
            Ok((dirty, applied)) => {
                drop(guard.0.take());
                let applied = applied.into_iter();
                let mut applied: Vec<Version> = applied
                    .map(|migration| Version { number: migration.version, checksum: migration.checksum.into_owned() })
                    .collect();
                applied.sort_by_key(|version| version.number);
                Ok(Reading::Table { dirty, applied })
            }
            Err(MigrateError::Execute(error @ Error::Database(_))) => {
                // The server responded.
                drop(guard.0.take());
                if has_no_table(&error) { Ok(Reading::NoTable) } else { Err(error) }
            }
            Err(MigrateError::Execute(error)) => Err(error),
            Err(other) => Err(Error::Migrate(Box::new(other))),
        }
    }
}

/// Whether the table does not exist: `PostgreSQL` and `MariaDB` have a code for it, `SQLite` only a text.
fn has_no_table(error: &Error) -> bool {
    let is_undefined = |database: &dyn DatabaseError| {
        database.code().is_some_and(|code| code == "42P01" || code == "42S02") || database.message().starts_with("no such table")
    };
    error.as_database_error().is_some_and(is_undefined)
}

builtin_check!(Migrations<DB>, external: true, where DB: Database, DB::Connection: Migrate);

// A derived implementation would require the same of the database type.
impl<DB: Database> Clone for Migrations<DB> {
    fn clone(&self) -> Self {
        Self { flight: Arc::clone(&self.flight) }
    }
}

partial_debug!(Migrations<DB: Database>, |migrations| table: &migrations.flight.target().table);
partial_debug!(MigrationsBuilder<DB: Database>, |builder| table: &builder.table);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn settings_are_validated() {
        let pool = sqlx::SqlitePool::connect_lazy("sqlite::memory:").unwrap();
        let builder = || Migrations::builder(pool.clone(), &Migrator::DEFAULT);
        assert_eq!(format!("{:?}", builder().table("versions").build().unwrap()), "Migrations { table: \"versions\", .. }");
        let error = builder().table(" ").build().unwrap_err().to_string();
        assert!(error.contains("`table` is empty; omit it for `_sqlx_migrations`"), "{error}");
        pool.close().await;
        let error = builder().build().unwrap_err().to_string();
        assert!(error.contains("`pool` is closed; build the check before the pool is closed"), "{error}");
    }
}
