//! Stores orders in one SQLite file.

use std::path::Path;
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};

pub(super) async fn open(file: &Path) -> sqlx::Result<SqlitePool> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        // Readers, and therefore the check, do not wait for a writer.
        .journal_mode(SqliteJournalMode::Wal)
        // Below the timeout of the check, so that a locked database is distinct from a stuck one.
        .busy_timeout(Duration::from_millis(500));
    SqlitePoolOptions::new().max_connections(4).acquire_timeout(Duration::from_secs(2)).connect_with(options).await
}

/// Creates the table. The version is in the file itself, so a table that is lost later is not silently replaced by an empty one.
pub(super) async fn migrate(pool: &SqlitePool) -> sqlx::Result<()> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *transaction).await?;
    if version < 1 {
        sqlx::query(
            "CREATE TABLE orders (
                id INTEGER PRIMARY KEY,
                item TEXT NOT NULL,
                quantity INTEGER NOT NULL,
                processed BOOLEAN NOT NULL DEFAULT FALSE
            )",
        )
        .execute(&mut *transaction)
        .await?;
        sqlx::query("PRAGMA user_version = 1").execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

/// Reads at most one row, which is enough to verify that the table is readable.
pub(super) async fn probe(pool: &SqlitePool) -> sqlx::Result<()> {
    sqlx::query("SELECT id FROM orders LIMIT 1").fetch_optional(pool).await.map(drop)
}

pub(super) async fn add(pool: &SqlitePool, item: &str, quantity: i64) -> sqlx::Result<i64> {
    sqlx::query_scalar("INSERT INTO orders (item, quantity) VALUES (?, ?) RETURNING id")
        .bind(item)
        .bind(quantity)
        .fetch_one(pool)
        .await
}

pub(super) async fn latest(pool: &SqlitePool) -> sqlx::Result<Vec<(i64, String, i64, bool)>> {
    sqlx::query_as("SELECT id, item, quantity, processed FROM orders ORDER BY id DESC LIMIT 100").fetch_all(pool).await
}

/// Processes new orders. Without any it only reads, so it takes no lock that another connection may need.
pub(super) async fn process(pool: &SqlitePool) -> sqlx::Result<()> {
    let waiting: Option<i64> =
        sqlx::query_scalar("SELECT id FROM orders WHERE NOT processed LIMIT 1").fetch_optional(pool).await?;
    if waiting.is_some() {
        sqlx::query("UPDATE orders SET processed = TRUE WHERE NOT processed").execute(pool).await?;
    }
    Ok(())
}
