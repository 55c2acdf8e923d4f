//! The check of a pool on the embedded database: its details, and an exhausted pool.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use health_runtime::checks::Sqlx;
use health_runtime::{Check, Health, HealthBuilder, HealthState, Kind, Outcome, Status, health_check};
use health_tests::alone;
use health_tests::checks::{UP, builder, status_of, with_reason};
use health_tests::folder::Folder;
use health_tests::{test_name, until};
use sqlx::SqlitePool;
use sqlx::any::AnyPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use crate::probed::PATIENT;

/// How long a run waits for a connection of an exhausted pool.
const LIMIT: Duration = Duration::from_secs(1);
const DEADLINE: Duration = Duration::from_secs(5);

fn pool(folder: &Folder, connections: u32) -> SqlitePool {
    let options = SqliteConnectOptions::new().filename(folder.path().join("orders.db")).create_if_missing(true);
    SqlitePoolOptions::new().max_connections(connections).connect_lazy_with(options)
}

fn health(check: Sqlx<sqlx::Sqlite>) -> Health {
    with_limits(check, PATIENT, 2 * PATIENT)
}

fn with_limits(check: Sqlx<sqlx::Sqlite>, limit: Duration, deadline: Duration) -> Health {
    let check = Check::readiness("database", check).cache(Duration::ZERO).timeout(limit);
    builder([check]).deadline(deadline).start().unwrap()
}

/// Probes once and returns the state, and the status and the reason of the check.
async fn probe(health: &Health) -> (HealthState, (Status, Option<String>)) {
    let report = health.report(Kind::Readiness).await;
    (report.state(), status_of(&report, "database"))
}

fn with(state: HealthState, status: Status, reason: &str) -> (HealthState, (Status, Option<String>)) {
    (state, with_reason(status, reason))
}

async fn body(health: &Health) -> String {
    serde_json::to_string(&*health.report(Kind::Readiness).await).unwrap()
}

#[actix_web::test]
async fn the_details_are_the_open_and_the_idle_connections() {
    let folder = Folder::new();
    let pool = pool(&folder, 3);
    let _taken = pool.acquire().await.unwrap();
    let health = health(Sqlx::builder(pool).build().unwrap());
    let body = body(&health).await;
    assert!(body.starts_with(r#"{"status":"healthy","checks":{"database":{"status":"up","latency_ms":"#), "{body}");
    assert!(body.contains(r#","pool_size":2,"idle":1}},"uptime_seconds":"#), "{body}");
}

#[actix_web::test]
async fn an_exhausted_pool_is_degraded_until_its_last_result_is_too_old() {
    let folder = Folder::new();
    let pool = pool(&folder, 2);
    let health = with_limits(Sqlx::builder(pool.clone()).build().unwrap(), LIMIT, DEADLINE);
    // On a busy machine the first run may take longer than its timeout.
    let patience = Instant::now();
    while probe(&health).await != (HealthState::Healthy, UP) {
        assert!(patience.elapsed() < PATIENT, "{:?}", probe(&health).await);
    }

    let taken = [pool.acquire().await.unwrap(), pool.acquire().await.unwrap()];
    assert_eq!(probe(&health).await, with(HealthState::Degraded, Status::Degraded, "pool exhausted"));
    let body = body(&health).await;
    assert!(body.contains(r#""error":"pool exhausted","pool_size":2,"idle":0}"#), "{body}");

    tokio::time::sleep(LIMIT + DEADLINE).await;
    assert_eq!(probe(&health).await, with(HealthState::Unhealthy, Status::Down, "pool exhausted"));

    drop(taken);
    assert_eq!(probe(&health).await, (HealthState::Healthy, UP));
}

#[actix_web::test]
async fn an_exhausted_pool_without_an_earlier_result_is_down() {
    let folder = Folder::new();
    let pool = pool(&folder, 1);
    let _taken = pool.acquire().await.unwrap();
    let health = with_limits(Sqlx::builder(pool).build().unwrap(), LIMIT, DEADLINE);
    assert_eq!(probe(&health).await, with(HealthState::Unhealthy, Status::Down, "pool exhausted"));
}

#[actix_web::test]
async fn a_connection_released_in_time_is_used() {
    let folder = Folder::new();
    let pool = pool(&folder, 1);
    let taken = pool.acquire().await.unwrap();
    let health = health(Sqlx::builder(pool).build().unwrap());
    let free = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        drop(taken);
    };
    let (probed, ()) = tokio::join!(probe(&health), free);
    assert_eq!(probed, (HealthState::Healthy, UP));
}

#[actix_web::test]
async fn a_failing_custom_query_is_down_and_keeps_the_connection() {
    let folder = Folder::new();
    let pool = pool(&folder, 1);
    let health = health(Sqlx::builder(pool.clone()).query("SELECT id FROM orders LIMIT 1").build().unwrap());
    sqlx::query("CREATE TEMP TABLE of_this_connection (id INTEGER)").execute(&pool).await.unwrap();
    assert_eq!(probe(&health).await, with(HealthState::Unhealthy, Status::Down, "check failed"));
    sqlx::query("SELECT id FROM of_this_connection").execute(&pool).await.unwrap();
    sqlx::query("CREATE TABLE orders (id INTEGER)").execute(&pool).await.unwrap();
    assert_eq!(probe(&health).await, (HealthState::Healthy, UP));
}

/// Starts a health of a pool whose database has a table, and returns it with the path of the file.
async fn health_with_table(folder: &Folder, connections: u32) -> (SqlitePool, Health, PathBuf) {
    let pool = pool(folder, connections);
    sqlx::query("CREATE TABLE orders (id INTEGER)").execute(&pool).await.unwrap();
    let health = health(Sqlx::builder(pool.clone()).build().unwrap());
    assert_eq!(probe(&health).await, (HealthState::Healthy, UP));
    (pool, health, folder.path().join("orders.db"))
}

#[actix_web::test]
async fn a_file_that_is_no_database_any_more_is_down() {
    let folder = Folder::new();
    let (_pool, health, file) = health_with_table(&folder, 1).await;
    fs::write(file, "no database".repeat(1000)).unwrap();
    assert_eq!(probe(&health).await, with(HealthState::Unhealthy, Status::Down, "check failed"));
}

#[actix_web::test]
async fn an_emptied_file_is_down_until_it_has_a_schema() {
    let folder = Folder::new();
    let (pool, health, file) = health_with_table(&folder, 1).await;
    fs::File::create(file).unwrap();
    assert_eq!(probe(&health).await, with(HealthState::Unhealthy, Status::Down, "schema is missing"));
    sqlx::query("CREATE TABLE orders (id INTEGER)").execute(&pool).await.unwrap();
    assert_eq!(probe(&health).await, (HealthState::Healthy, UP));
}

#[actix_web::test]
async fn a_new_database_without_a_schema_is_up() {
    let folder = Folder::new();
    let memory = SqlitePoolOptions::new().connect_lazy("sqlite::memory:").unwrap();
    for pool in [pool(&folder, 1), memory] {
        let health = health(Sqlx::builder(pool).build().unwrap());
        for _ in 0..2 {
            assert_eq!(probe(&health).await, (HealthState::Healthy, UP));
        }
    }
}

/// The database of the pool is known at run time only.
#[actix_web::test]
async fn a_pool_of_any_database_reads_its_schema() {
    sqlx::any::install_default_drivers();
    let folder = Folder::new();
    let (_pool, _health, file) = health_with_table(&folder, 1).await;
    let any = AnyPoolOptions::new().max_connections(1).connect_lazy(&format!("sqlite://{}", file.display())).unwrap();
    let check = Check::readiness("database", Sqlx::builder(any).build().unwrap()).cache(Duration::ZERO).timeout(PATIENT);
    let health = builder([check]).deadline(2 * PATIENT).start().unwrap();
    assert_eq!(probe(&health).await, (HealthState::Healthy, UP));
    fs::File::create(file).unwrap();
    assert_eq!(probe(&health).await, with(HealthState::Unhealthy, Status::Down, "schema is missing"));
}

#[actix_web::test]
async fn a_removed_file_is_down_until_it_is_back() {
    let folder = Folder::new();
    let (_pool, health, file) = health_with_table(&folder, 1).await;
    let elsewhere = folder.path().join("elsewhere.db");
    fs::rename(&file, &elsewhere).unwrap();
    for _ in 0..2 {
        assert_eq!(probe(&health).await, with(HealthState::Unhealthy, Status::Down, "database file is missing"));
    }
    fs::rename(&elsewhere, &file).unwrap();
    assert_eq!(probe(&health).await, (HealthState::Healthy, UP));
}

/// Runs in its own process, because it changes the directory of the process.
#[actix_web::test]
async fn a_relative_name_stays_that_of_the_first_directory() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let folder = Folder::new();
    std::env::set_current_dir(folder.path()).unwrap();
    let pool = SqlitePoolOptions::new().connect_lazy("sqlite:orders.db?mode=rwc").unwrap();
    let health = health(Sqlx::builder(pool).build().unwrap());
    assert_eq!(probe(&health).await, (HealthState::Healthy, UP));
    std::env::set_current_dir("/").unwrap();
    assert_eq!(probe(&health).await, (HealthState::Healthy, UP));
    fs::remove_file(folder.path().join("orders.db")).unwrap();
    assert_eq!(probe(&health).await, with(HealthState::Unhealthy, Status::Down, "database file is missing"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_file_is_down_until_no_connection_uses_the_old_one() {
    let folder = Folder::new();
    let (pool, health, file) = health_with_table(&folder, 2).await;
    let taken = pool.acquire().await.unwrap();
    let copy = folder.path().join("copy.db");
    fs::copy(&file, &copy).unwrap();
    fs::rename(copy, file).unwrap();
    for _ in 0..3 {
        assert_eq!(probe(&health).await, with(HealthState::Unhealthy, Status::Down, "database file was replaced"));
        assert_eq!(pool.size(), 1, "the connection of the check is closed");
    }
    drop(taken);
    until(PATIENT, "the connection is back", || (pool.num_idle() == 1).then_some(()));
    assert_eq!(probe(&health).await, with(HealthState::Unhealthy, Status::Down, "database file was replaced"));
    for _ in 0..2 {
        assert_eq!(probe(&health).await, (HealthState::Healthy, UP));
    }
}

#[actix_web::test]
async fn build_reports_all_invalid_settings() {
    let folder = Folder::new();
    let pool = pool(&folder, 1);
    pool.close().await;
    let refused = Sqlx::builder(pool).query(" ").build().unwrap_err();
    assert_eq!(
        refused.to_string(),
        "`Sqlx` cannot be built; 2 problems:\n  `query` is empty; omit it for the default\n  `pool` is closed; build the check before the pool is closed"
    );
    assert_eq!(format!("{refused:?}"), refused.to_string());
}

#[actix_web::test]
async fn a_pool_is_rejected_as_a_liveness_check() {
    let folder = Folder::new();
    let check = Sqlx::builder(pool(&folder, 1)).build().unwrap();
    let check = Check::liveness("database", check);
    let line = line!() - 1;
    let refused = builder([check]).start().unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!(
            "health cannot start; 1 problem:\n  health check `database` ({}:{line}) checks an external dependency and must not be a liveness check; use `Check::readiness`",
            file!()
        )
    );
}

/// The timeout of this function limits the run of the check inside it.
#[health_check(readiness, timeout = "300ms", cache = "0s")]
async fn annotated(database: &Sqlx<sqlx::Sqlite>) -> Outcome {
    database.run().await
}

#[actix_web::test]
async fn the_check_keeps_to_the_timeout_of_an_annotated_function() {
    let folder = Folder::new();
    let pool = pool(&folder, 1);
    let check = Sqlx::builder(pool.clone()).build().unwrap();
    let others = ["descriptors", "memory", "uploads"];
    let builder = others.into_iter().fold(Health::builder(), HealthBuilder::without);
    let health = builder.state(check).start().unwrap();
    let status = async || status_of(&*health.report(Kind::Readiness).await, "annotated");
    assert_eq!(status().await, UP);
    let _taken = pool.acquire().await.unwrap();
    assert_eq!(status().await, with_reason(Status::Degraded, "pool exhausted"), "not `timed out after 300ms`");
}
