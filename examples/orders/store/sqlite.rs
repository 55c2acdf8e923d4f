//! The orders, in one SQLite file.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};

/// One order.
#[derive(Debug, Serialize)]
pub(crate) struct Order {
    pub(crate) id: i64,
    pub(crate) item: String,
    pub(crate) quantity: i64,
    pub(crate) processed: bool,
}

/// Opens the file, and makes it if there is none. The table comes with [`migrate`].
pub(crate) async fn open(file: &Path) -> sqlx::Result<SqlitePool> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        // Readers, and so the check, do not wait for a writer.
        .journal_mode(SqliteJournalMode::Wal)
        // Below the timeout of the check: a locked database is told apart from a stuck one.
        .busy_timeout(Duration::from_millis(500));
    SqlitePoolOptions::new().max_connections(4).acquire_timeout(Duration::from_secs(2)).connect_with(options).await
}

/// Brings the file to the shape that this version needs, once: the version stands in the file itself, so a table that
/// got lost later is not quietly replaced by an empty one.
pub(crate) async fn migrate(pool: &SqlitePool) -> sqlx::Result<()> {
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

/// Reads the table, and nothing more than is needed to know that it can be read.
pub(crate) async fn probe(pool: &SqlitePool) -> sqlx::Result<()> {
    sqlx::query("SELECT id FROM orders LIMIT 1").fetch_optional(pool).await.map(drop)
}

/// Takes in an order.
pub(crate) async fn add(pool: &SqlitePool, item: &str, quantity: i64) -> sqlx::Result<Order> {
    let id = sqlx::query_scalar("INSERT INTO orders (item, quantity) VALUES (?, ?) RETURNING id")
        .bind(item)
        .bind(quantity)
        .fetch_one(pool)
        .await?;
    Ok(Order { id, item: item.to_owned(), quantity, processed: false })
}

/// The latest hundred orders, the newest first.
pub(crate) async fn latest(pool: &SqlitePool) -> sqlx::Result<Vec<Order>> {
    let rows: Vec<(i64, String, i64, bool)> =
        sqlx::query_as("SELECT id, item, quantity, processed FROM orders ORDER BY id DESC LIMIT 100").fetch_all(pool).await?;
    Ok(rows.into_iter().map(|(id, item, quantity, processed)| Order { id, item, quantity, processed }).collect())
}

/// Processes what is new. Without new orders it only reads, so it takes no lock that somebody else may want.
pub(crate) async fn process(pool: &SqlitePool) -> sqlx::Result<()> {
    let waiting: Option<i64> =
        sqlx::query_scalar("SELECT id FROM orders WHERE NOT processed LIMIT 1").fetch_optional(pool).await?;
    if waiting.is_some() {
        sqlx::query("UPDATE orders SET processed = TRUE WHERE NOT processed").execute(pool).await?;
    }
    Ok(())
}
