//! Up, stopped, restarted, frozen and thawed; a wrong password; a pool whose connections are all taken.

use std::time::Duration;

use health_runtime::Status;
use health_tests::servers::{Daemon, MariaDb, Postgres};
use sqlx::{Database, Executor, MySql, Pool};

use crate::support::{LIMIT, UP, down, health, pool, probe, said};

/// So short that a thousand probes are over before a question is given up.
const SHORT: Duration = Duration::from_millis(2);

async fn life<DB>(server: &mut Daemon, pool: Pool<DB>)
where
    DB: Database,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let health_of_it = health(pool.clone(), LIMIT);
    assert_eq!(said(&health_of_it).await, UP);

    server.stop();
    assert_eq!(said(&health_of_it).await, down("connection refused"), "the first probe after the stop");
    assert_eq!(said(&health_of_it).await, down("connection refused"));
    server.restart();
    assert_eq!(said(&health_of_it).await, UP, "the first probe after the restart");

    let hasty = health(pool, SHORT);
    server.freeze();
    assert_eq!(said(&hasty).await, down("timed out after 2ms"));
    let connections = server.connections();
    for _ in 0..1_000 {
        assert_eq!(said(&hasty).await, down("timed out after 2ms"));
    }
    assert_eq!(server.connections(), connections, "of the frozen server");
    assert_eq!(connections, 1);
    server.thaw();
    assert_eq!(said(&health_of_it).await, UP, "the first probe after the thaw");
}

async fn refused<DB>(pool: Pool<DB>, wrong: &str)
where
    DB: Database,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let health = health(pool, LIMIT);
    assert_eq!(said(&health).await, down("authentication failed"));
    let whole = probe(&health, |check| check.full_error().unwrap().to_owned()).await;
    assert!(!whole.contains(wrong), "{whole}");
}

async fn exhausted<DB>(pool: Pool<DB>)
where
    DB: Database,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let health = health(pool.clone(), LIMIT);
    assert_eq!(said(&health).await, UP);
    let mut taken = Vec::new();
    for _ in 0..pool.options().get_max_connections() {
        taken.push(pool.acquire().await.unwrap());
    }
    assert_eq!(said(&health).await, (Status::Degraded, Some("pool exhausted".to_owned())));
    taken.clear();
    assert_eq!(said(&health).await, UP);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_is_stopped_restarted_frozen_and_thawed() {
    let mut server = Postgres::start();
    let pool = pool::<sqlx::Postgres>(&server.url(), 4);
    life(&mut server, pool).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb_is_stopped_restarted_frozen_and_thawed() {
    let mut server = MariaDb::start();
    let pool = pool::<MySql>(&server.url(), 4);
    life(&mut server, pool).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_refuses_a_wrong_password_and_runs_out_of_connections() {
    let server = Postgres::start();
    refused(pool::<sqlx::Postgres>(&server.url_with_password("wr0ng-one"), 1), "wr0ng-one").await;
    exhausted(pool::<sqlx::Postgres>(&server.url(), 3)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb_refuses_a_wrong_password_and_runs_out_of_connections() {
    let server = MariaDb::start();
    refused(pool::<MySql>(&server.url_with_password("wr0ng-one"), 1), "wr0ng-one").await;
    exhausted(pool::<MySql>(&server.url(), 3)).await;
}
