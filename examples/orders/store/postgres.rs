//! Stores orders in `PostgreSQL`.

use std::error::Error;
use std::time::Duration;

use health_runtime::Outcome;
use health_runtime::checks::Sqlx;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

/// A pool, and the check that uses it.
#[derive(Debug, Clone)]
pub(crate) struct Postgres {
    pool: PgPool,
    check: Sqlx<sqlx::Postgres>,
}

impl Postgres {
    pub(super) fn connect_lazy(url: &str) -> Result<Self, Box<dyn Error>> {
        let pool = PgPoolOptions::new().max_connections(8).acquire_timeout(Duration::from_secs(2)).connect_lazy(url)?;
        // The built-in check distinguishes an exhausted pool from a dead database.
        let check = Sqlx::builder(pool.clone()).query("SELECT id FROM orders LIMIT 1").build()?;
        Ok(Self { pool, check })
    }

    pub(super) async fn health(&self) -> Outcome {
        self.check.run().await
    }

    /// Creates the tables. The version is in a separate table, so an orders table that is lost later is not silently replaced.
    pub(super) async fn migrate(&self) -> sqlx::Result<()> {
        let mut transaction = self.pool.begin().await?;
        // Several instances may start at once.
        sqlx::query("SELECT pg_advisory_xact_lock(4221)").execute(&mut *transaction).await?;
        sqlx::query("CREATE TABLE IF NOT EXISTS orders_version (version BIGINT NOT NULL)").execute(&mut *transaction).await?;
        let version: Option<i64> =
            sqlx::query_scalar("SELECT max(version) FROM orders_version").fetch_one(&mut *transaction).await?;
        if version.is_none() {
            sqlx::query(
                "CREATE TABLE orders (
                    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                    item TEXT NOT NULL,
                    quantity BIGINT NOT NULL,
                    processed BOOLEAN NOT NULL DEFAULT FALSE
                )",
            )
            .execute(&mut *transaction)
            .await?;
            sqlx::query("INSERT INTO orders_version VALUES (1)").execute(&mut *transaction).await?;
        }
        transaction.commit().await
    }

    pub(super) async fn add(&self, item: &str, quantity: i64) -> sqlx::Result<i64> {
        sqlx::query_scalar("INSERT INTO orders (item, quantity) VALUES ($1, $2) RETURNING id")
            .bind(item)
            .bind(quantity)
            .fetch_one(&self.pool)
            .await
    }

    pub(super) async fn latest(&self) -> sqlx::Result<Vec<(i64, String, i64, bool)>> {
        sqlx::query_as("SELECT id, item, quantity, processed FROM orders ORDER BY id DESC LIMIT 100").fetch_all(&self.pool).await
    }

    pub(super) async fn process(&self) -> sqlx::Result<()> {
        sqlx::query("UPDATE orders SET processed = TRUE WHERE NOT processed").execute(&self.pool).await.map(drop)
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}
