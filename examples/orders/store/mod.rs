//! Stores orders in one SQLite file, or in `PostgreSQL` if its URL is configured.

mod postgres;
mod sqlite;

use std::path::Path;

use health_runtime::Outcome;
use serde::{Deserialize, Serialize};
use sqlx::SqlitePool;

use self::postgres::Postgres;

/// One order.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) id: i64,
    pub(crate) item: String,
    pub(crate) quantity: i64,
    pub(crate) processed: bool,
}

impl From<(i64, String, i64, bool)> for Order {
    fn from((id, item, quantity, processed): (i64, String, i64, bool)) -> Self {
        Self { id, item, quantity, processed }
    }
}

/// The database of the orders. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) enum Store {
    Sqlite(SqlitePool),
    Postgres(Postgres),
}

impl Store {
    /// Opens the file, and creates it if it does not exist. [`migrate`](Self::migrate) creates the table.
    pub(crate) async fn open(file: &Path) -> sqlx::Result<Self> {
        sqlite::open(file).await.map(Self::Sqlite)
    }

    /// Creates a store for a `PostgreSQL` URL, without connecting yet: while the database is unavailable, the service starts and is
    /// not ready.
    pub(crate) fn connect_lazy(url: &str) -> Result<Self, Box<dyn std::error::Error>> {
        Postgres::connect_lazy(url).map(Self::Postgres)
    }

    /// Creates the tables that this version needs, once.
    pub(crate) async fn migrate(&self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(pool) => sqlite::migrate(pool).await,
            Self::Postgres(postgres) => postgres.migrate().await,
        }
    }

    /// Returns whether the orders table is readable.
    pub(crate) async fn health(&self) -> Outcome {
        match self {
            Self::Sqlite(pool) => match sqlite::probe(pool).await {
                Ok(()) => Outcome::up(),
                Err(error) => {
                    tracing::debug!(%error, "cannot read the orders table");
                    Outcome::down("orders table cannot be read")
                }
            },
            Self::Postgres(postgres) => postgres.health().await,
        }
    }

    /// Stores an order.
    pub(crate) async fn add(&self, item: &str, quantity: i64) -> sqlx::Result<Order> {
        let id = match self {
            Self::Sqlite(pool) => sqlite::add(pool, item, quantity).await?,
            Self::Postgres(postgres) => postgres.add(item, quantity).await?,
        };
        Ok(Order { id, item: item.to_owned(), quantity, processed: false })
    }

    /// Returns the latest hundred orders, newest first.
    pub(crate) async fn latest(&self) -> sqlx::Result<Vec<Order>> {
        let rows = match self {
            Self::Sqlite(pool) => sqlite::latest(pool).await?,
            Self::Postgres(postgres) => postgres.latest().await?,
        };
        Ok(rows.into_iter().map(Order::from).collect())
    }

    /// Processes new orders.
    pub(crate) async fn process(&self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(pool) => sqlite::process(pool).await,
            Self::Postgres(postgres) => postgres.process().await,
        }
    }

    /// Closes every connection.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(postgres) => postgres.close().await,
        }
    }
}
