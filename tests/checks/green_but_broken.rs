//! Set-ups in which a `SELECT 1` is green and the instance cannot serve. Each is red or degraded with one line of the application.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use health_runtime::checks::{Disk, Migrations, Sqlx, Tcp, Tls};
use health_runtime::{Check, Health, HealthState, Kind, Outcome, Status, with};
use health_tests::alone::{Mount, among_mounts};
use health_tests::checks::{UP, builder, health, status_of, with_reason};
use health_tests::folder::Folder;
use health_tests::servers::{Certificate, Memcached, Postgres, TlsServer};
use health_tests::test_name;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{ConnectOptions, Executor, SqlSafeStr, SqlitePool};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::Mutex;

use crate::probed::PATIENT;

/// Starts a health with one check that runs on every probe, which waits for it.
fn one(check: Check) -> Health {
    builder([check.cache(Duration::ZERO)]).deadline(PATIENT).start().unwrap()
}

async fn status(health: &Health) -> (HealthState, (Status, Option<String>)) {
    let report = health.report(Kind::Readiness).await;
    let status = status_of(&report, "x");
    (report.state(), status)
}

fn down(reason: &str) -> (HealthState, (Status, Option<String>)) {
    (HealthState::Unhealthy, with_reason(Status::Down, reason))
}

fn degraded(status: Status, reason: &str) -> (HealthState, (Status, Option<String>)) {
    (HealthState::Degraded, with_reason(status, reason))
}

fn database(folder: &Folder, connections: u32) -> SqlitePool {
    let options = SqliteConnectOptions::new().filename(folder.path().join("orders.db")).create_if_missing(true);
    SqlitePoolOptions::new().max_connections(connections).connect_lazy_with(options)
}

#[tokio::test]
async fn b9_a_schema_that_is_missing_behind_or_dirty_is_red() {
    let folder = Folder::new();
    let pool = database(&folder, 2);
    pool.execute("SELECT 1").await.unwrap();
    let create = |version, statement: &'static str| {
        Migration::new(version, "test".into(), MigrationType::Simple, statement.into_sql_str(), false)
    };
    let old = vec![create(1, "CREATE TABLE orders (id BIGINT)")];
    let new = [old.clone(), vec![create(2, "CREATE TABLE articles (id BIGINT)")]].concat();
    let migrator = Migrator::with_migrations(new);
    let health = one(Check::readiness("x", Migrations::builder(pool.clone(), &migrator).build().unwrap()).timeout(PATIENT));
    assert_eq!(status(&health).await, down("no migrations: version 2 is expected"));
    Migrator::with_migrations(old).run(&pool).await.unwrap();
    assert_eq!(status(&health).await, down("behind: version 2 is not applied"));
    migrator.run(&pool).await.unwrap();
    assert_eq!(status(&health).await, (HealthState::Healthy, UP));
    pool.execute("UPDATE _sqlx_migrations SET success = false WHERE version = 2").await.unwrap();
    assert_eq!(status(&health).await, down("dirty: version 2 failed"));
}

#[tokio::test]
async fn a_read_only_database_in_the_place_of_the_writer_is_red() {
    let server = Postgres::start();
    let pool = || PoolOptions::<sqlx::Postgres>::new().max_connections(2).connect_lazy(&server.url()).unwrap();
    let writes = "SELECT 1 / (NOT current_setting('transaction_read_only')::bool)::int";
    let check = || one(Check::readiness("x", Sqlx::builder(pool()).query(writes).build().unwrap()).timeout(PATIENT));
    assert_eq!(status(&check()).await, (HealthState::Healthy, UP));
    pool().execute("ALTER ROLE orders SET default_transaction_read_only = on").await.unwrap();
    assert_eq!(status(&check()).await, down("check failed"));
    let responds = one(Check::readiness("x", Sqlx::builder(pool()).build().unwrap()).timeout(PATIENT));
    assert_eq!(status(&responds).await.0, HealthState::Healthy, "the default query reads");
}

#[tokio::test]
async fn a_password_that_was_rotated_behind_a_warm_pool_is_red() {
    let server = Postgres::start();
    let pool = PoolOptions::<sqlx::Postgres>::new().max_connections(1).connect_lazy(&server.url()).unwrap();
    pool.execute("ALTER ROLE orders PASSWORD 'rotated'").await.unwrap();
    let warm = one(Check::readiness("x", Sqlx::builder(pool.clone()).build().unwrap()).timeout(PATIENT));
    assert_eq!(status(&warm).await.0, HealthState::Healthy, "its connection is open");
    let options = (*pool.connect_options()).clone();
    let login = Check::readiness("x", with(options, |options| async move { options.connect().await.map(drop) })).timeout(PATIENT);
    assert_eq!(status(&one(login)).await, down("check failed"));
}

/// Runs among its own mounts, because it changes `/etc/hosts`.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_leads_elsewhere_behind_a_warm_connection_is_red() {
    if !among_mounts(test_name!()) {
        return;
    }
    let (server, folder) = (Memcached::start(), Folder::new());
    let hosts = folder.path().join("hosts");
    fs::write(&hosts, "127.0.0.1 cache.test\n").unwrap();
    let _mount = Mount::new(&["--bind".as_ref(), hosts.as_os_str()], Path::new("/etc/hosts"));
    let name = format!("cache.test:{}", server.port());
    let kept = Arc::new(Mutex::new(BufReader::new(TcpStream::connect(&name).await.unwrap())));
    let asks = |kept: Arc<Mutex<BufReader<TcpStream>>>| async move {
        let (mut kept, mut line) = (kept.lock().await, String::new());
        kept.write_all(b"version\r\n").await?;
        kept.read_line(&mut line).await?;
        Ok::<_, std::io::Error>(if line.starts_with("VERSION ") { Outcome::up() } else { Outcome::down(line) })
    };
    let warm = one(Check::readiness("x", with(kept, asks)).timeout(PATIENT));
    let resolves = one(Check::readiness("x", Tcp::builder(name).build().unwrap()).timeout(PATIENT));
    assert_eq!([status(&warm).await, status(&resolves).await], [(HealthState::Healthy, UP), (HealthState::Healthy, UP)]);
    fs::write(&hosts, "127.0.0.66 cache.test\n").unwrap();
    assert_eq!(status(&warm).await, (HealthState::Healthy, UP), "its connection is open");
    assert_eq!(status(&resolves).await, down("connection refused"));
}

#[tokio::test]
async fn an_exhausted_pool_is_degraded() {
    let folder = Folder::new();
    let pool = database(&folder, 1);
    let health = one(Check::readiness("x", Sqlx::builder(pool.clone()).build().unwrap()));
    assert_eq!(status(&health).await.0, HealthState::Healthy);
    let _only = pool.acquire().await.unwrap();
    assert_eq!(status(&health).await, degraded(Status::Degraded, "pool exhausted"));
}

#[tokio::test]
async fn a_full_disk_on_the_data_path_is_red() {
    let folder = Folder::new();
    let health = one(Check::readiness("x", Disk::builder(folder.path()).min_free(u64::MAX).build().unwrap()).timeout(PATIENT));
    assert_eq!(status(&health).await.0, HealthState::Unhealthy);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_expired_on_new_connections_is_red() {
    let server = TlsServer::start(&Certificate::ending_in(-1.5));
    let accepts = one(Check::readiness("x", Tcp::builder(server.address().to_string()).build().unwrap()).timeout(PATIENT));
    assert_eq!(status(&accepts).await.0, HealthState::Healthy, "it accepts connections");
    let health = one(Check::readiness("x", Tls::host(server.address().to_string()).build().unwrap()).timeout(PATIENT));
    assert_eq!(status(&health).await.0, HealthState::Unhealthy);
}

#[tokio::test]
async fn a_consumer_that_lags_is_degraded() {
    let lag = Arc::new(AtomicU64::new(0));
    let health = one(Check::readiness(
        "x",
        with(Arc::clone(&lag), |lag| async move {
            match lag.load(Ordering::Relaxed) {
                0..10 => Outcome::up(),
                seconds => Outcome::degraded(format!("{seconds}s behind")),
            }
        }),
    ));
    assert_eq!(status(&health).await, (HealthState::Healthy, UP));
    lag.store(12, Ordering::Relaxed);
    assert_eq!(status(&health).await, degraded(Status::Degraded, "12s behind"));
}

#[tokio::test]
async fn an_unreachable_store_of_feature_flags_is_degraded() {
    let address = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let store = Tcp::builder(address.to_string()).build().unwrap();
    let health = one(Check::readiness("x", store).critical(false).timeout(PATIENT));
    assert_eq!(status(&health).await, degraded(Status::Down, "connection refused"));
}

#[tokio::test]
async fn the_one_of_two_leaders_that_lost_its_lease_is_red() {
    let [first, second] = [0, 1].map(|_| health([Check::reported("x", Kind::Readiness)]));
    let (old, new) = (first.reporter("x").unwrap(), second.reporter("x").unwrap());
    old.up();
    new.up();
    old.down("lost the lease");
    assert_eq!(status(&first).await, down("lost the lease"));
    assert_eq!(status(&second).await, (HealthState::Healthy, UP));
}
