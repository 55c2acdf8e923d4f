//! B9: the check of the applied migrations, on every database that sqlx migrates.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use health_runtime::checks::Migrations;
use health_runtime::{Check, Health, Kind, Status};
use health_tests::checks::{UP, builder, status_of, with_reason};
use health_tests::folder::Folder;
use health_tests::servers::{MariaDb, Postgres, Relay};
use serde_json::Value;
use sqlx::migrate::{Migrate, Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Database, Executor, Pool, SqlSafeStr};

use super::pool::{LIMIT, pool};

/// Returns the migrations with these versions, each of which creates a table.
fn migrator<const N: usize>(versions: [i64; N]) -> Migrator {
    let create = |version| {
        let statement = match version {
            1 => "CREATE TABLE orders (id BIGINT)",
            2 => "CREATE TABLE articles (id BIGINT)",
            _ => "CREATE TABLE customers (id BIGINT)",
        };
        Migration::new(version, "test".into(), MigrationType::Simple, statement.into_sql_str(), false)
    };
    Migrator::with_migrations(versions.map(create).to_vec())
}

fn health<DB: Database<Connection: Migrate>>(pool: &Pool<DB>, migrator: &Migrator) -> Health {
    let check = Migrations::builder(pool.clone(), migrator).build().unwrap();
    let check = Check::readiness("schema", check).cache(Duration::ZERO).timeout(LIMIT);
    builder([check]).deadline(2 * LIMIT).start().unwrap()
}

/// Probes once and returns the status, the reason and the two details.
async fn probe(health: &Health) -> ((Status, Option<String>), [Option<i64>; 2]) {
    let report = health.report(Kind::Readiness).await;
    let schema = report.check("schema").unwrap();
    let details = ["applied", "expected"].map(|key| schema.detail(key).as_ref().and_then(Value::as_i64));
    (status_of(&report, "schema"), details)
}

/// Takes a database from empty to one that a later version of the program has migrated. `checked` is the pool of the check.
async fn each_state_has_its_outcome<DB>(application: &Pool<DB>, checked: &Pool<DB>)
where
    DB: Database<Connection: Migrate>,
    for<'c> &'c Pool<DB>: Executor<'c, Database = DB>,
{
    let health = health(checked, &migrator([1, 2]));
    let down = |reason: &str| with_reason(Status::Down, reason);
    assert_eq!(probe(&health).await, (down("no migrations: version 2 is expected"), [None, Some(2)]), "an empty database");
    let migrate = async |migrator: Migrator| {
        let mut connection = application.acquire().await.unwrap();
        connection.ensure_migrations_table("_sqlx_migrations").await.unwrap();
        let applied = connection.list_applied_migrations("_sqlx_migrations").await.unwrap();
        for migration in migrator.iter().filter(|new| applied.iter().all(|old| old.version != new.version)) {
            connection.apply("_sqlx_migrations", migration).await.unwrap();
        }
    };
    migrate(migrator([])).await;
    assert_eq!(probe(&health).await, (down("no migrations: version 2 is expected"), [None, Some(2)]), "an empty table");
    migrate(migrator([1])).await;
    assert_eq!(probe(&health).await, (down("behind: version 2 is not applied"), [Some(1), Some(2)]));
    migrate(migrator([1, 2])).await;
    assert_eq!(probe(&health).await, (UP, [Some(2); 2]));
    migrate(migrator([1, 2, 3])).await;
    assert_eq!(probe(&health).await, (UP, [Some(3), Some(2)]), "an old program during a rollout");
    application.execute("UPDATE _sqlx_migrations SET success = false WHERE version = 3").await.unwrap();
    assert_eq!(probe(&health).await, (down("dirty: version 3 failed"), [Some(3), Some(2)]));
    application.execute("DROP TABLE _sqlx_migrations").await.unwrap();
    assert_eq!(probe(&health).await, (down("no migrations: version 2 is expected"), [None, Some(2)]));
}

#[tokio::test]
async fn b9_each_state_of_a_sqlite_schema_has_its_outcome_without_a_write() {
    let folder = Folder::new();
    let file = folder.path().join("orders.db");
    let options = SqliteConnectOptions::new().filename(&file);
    let application = SqlitePoolOptions::new().connect_lazy_with(options.clone().create_if_missing(true));
    application.execute("CREATE TABLE other (id BIGINT)").await.unwrap();
    let checked = SqlitePoolOptions::new().connect_lazy_with(options.read_only(true));
    each_state_has_its_outcome(&application, &checked).await;

    // Where it may write, it does not.
    let before = std::fs::read(&file).unwrap();
    let may_write = health(&application, &migrator([1, 2]));
    assert_eq!(probe(&may_write).await.0, with_reason(Status::Down, "no migrations: version 2 is expected"));
    assert!(std::fs::read(&file).unwrap() == before, "the file is unchanged");
}

/// Starts a relay in front of a database server. Returns it with the URL of the server through it.
fn relayed(url: &str, server: SocketAddr) -> (Relay, String) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = url.replace(&server.to_string(), &listener.local_addr().unwrap().to_string());
    (Relay::start(listener, server), url)
}

/// Asserts that the clients sent statements that read, and none that writes or locks.
fn assert_only_reads(relay: &Relay) {
    let text = String::from_utf8_lossy(&relay.sent()).to_ascii_uppercase();
    assert!(text.contains("SELECT VERSION, CHECKSUM FROM _SQLX_MIGRATIONS"), "statements are readable on the wire");
    for word in ["INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "LOCK", "BEGIN", "START TRANSACTION"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
}

#[tokio::test]
async fn b9_each_state_of_a_postgres_schema_has_its_outcome_without_a_write() {
    let server = Postgres::start();
    let (relay, url) = relayed(&server.url(), server.address());
    each_state_has_its_outcome(&pool::<sqlx::Postgres>(&server.url(), 2), &pool(&url, 2)).await;
    assert_only_reads(&relay);
}

#[tokio::test]
async fn b9_each_state_of_a_mariadb_schema_has_its_outcome_without_a_write() {
    let server = MariaDb::start();
    let (relay, url) = relayed(&server.url(), server.address());
    each_state_has_its_outcome(&pool::<sqlx::MySql>(&server.url(), 2), &pool(&url, 2)).await;
    assert_only_reads(&relay);
}

#[tokio::test]
async fn b9_a_changed_migration_is_degraded() {
    let folder = Folder::new();
    let options = SqliteConnectOptions::new().filename(folder.path().join("orders.db")).create_if_missing(true);
    let pool = SqlitePoolOptions::new().connect_lazy_with(options);
    migrator([1, 2]).run(&pool).await.unwrap();
    let other = Migration::new(2, "test".into(), MigrationType::Simple, "SELECT 1".into_sql_str(), false);
    let health = health(&pool, &Migrator::with_migrations(vec![other]));
    assert_eq!(probe(&health).await.0, with_reason(Status::Degraded, "changed: version 2 differs"));
}

#[tokio::test]
async fn b9_a_wrong_password_and_an_exhausted_pool_have_their_reasons() {
    let server = Postgres::start();
    let wrong = health(&pool::<sqlx::Postgres>(&server.url_with_password("wrong"), 1), &migrator([1]));
    assert_eq!(probe(&wrong).await.0, with_reason(Status::Down, "authentication failed"));

    let folder = Folder::new();
    let options = SqliteConnectOptions::new().filename(folder.path().join("orders.db")).create_if_missing(true);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options);
    migrator([1]).run(&pool).await.unwrap();
    let check = Migrations::builder(pool.clone(), &migrator([1])).build().unwrap();
    let check = Check::readiness("schema", check).cache(Duration::ZERO).timeout(Duration::from_secs(1));
    let health = builder([check]).deadline(2 * LIMIT).start().unwrap();
    assert_eq!(probe(&health).await.0, UP);
    let _only = pool.acquire().await.unwrap();
    assert_eq!(probe(&health).await.0, with_reason(Status::Degraded, "pool exhausted"));
}
