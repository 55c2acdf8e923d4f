//! A pool of a server that freezes, and a pool whose connections are all taken.

use std::time::{Duration, Instant};

use health_runtime::{Health, Status};
use health_tests::servers::{Daemon, MariaDb, Postgres};
use health_tests::until;
use sqlx::{Database, Executor, MySql, Pool};

use super::pool::{LIMIT, UP, health, pool, status};
use crate::probed::PATIENT;

/// So short that a thousand probes finish before a query is abandoned.
const SHORT: Duration = Duration::from_millis(2);

/// How long a run waits for a connection of an exhausted pool.
const EXHAUSTED: Duration = Duration::from_secs(2);

/// The application owns the pool, so abandoned queries may open more connections than those of a check that owns one.
async fn frozen<DB>(server: &mut Daemon, pool: Pool<DB>)
where
    DB: Database,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let patient = health(pool.clone(), LIMIT);
    assert_eq!(status(&patient).await, UP);

    // sqlx returns the connection to the pool in a separate task. A freeze in between would lose it.
    until(LIMIT, "the connection is back", || (pool.num_idle() == 1).then_some(()));
    let hasty = health(pool, SHORT);
    server.freeze();
    let (connections, began) = (server.connections(), Instant::now());
    let mut timed_out = 0;
    for _ in 0..1_000 {
        let (status, error) = status(&hasty).await;
        let error = error.unwrap();
        // On a busy machine a probe may find that the run before was not cancelled yet.
        assert!(
            status == Status::Down && (error == "timed out after 2ms" || error.starts_with("still running after")),
            "{error}"
        );
        timed_out += u32::from(error.starts_with("timed out"));
    }
    assert!(timed_out > 0, "none timed out");
    // An abandoned query closes a connection, which the server does not notice, and opens one or two.
    let grown = server.connections().saturating_sub(connections);
    let abandoned = usize::try_from(began.elapsed().as_secs() / 10).unwrap();
    assert!(grown <= 2 * abandoned, "{grown} more connections to the frozen server, {abandoned} queries abandoned");
    server.thaw();
    assert_eq!(status(&patient).await, UP, "the first probe after the thaw");
}

async fn exhausted<DB>(pool: Pool<DB>)
where
    DB: Database,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let health = health(pool.clone(), EXHAUSTED);
    until_up(&health).await;
    let mut taken = Vec::new();
    for _ in 0..pool.options().get_max_connections() {
        taken.push(pool.acquire().await.unwrap());
    }
    assert_eq!(status(&health).await, (Status::Degraded, Some("pool exhausted".to_owned())));
    taken.clear();
    until_up(&health).await;
}

/// Waits for a run that a busy machine finishes within its timeout.
async fn until_up(health: &Health) {
    let patience = Instant::now();
    while status(health).await != UP {
        assert!(patience.elapsed() < PATIENT, "{:?}", status(health).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_postgres_gets_few_connections() {
    let mut server = Postgres::start();
    let pool = pool::<sqlx::Postgres>(&server.url(), 4);
    frozen(&mut server, pool).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_mariadb_gets_few_connections() {
    let mut server = MariaDb::start();
    let pool = pool::<MySql>(&server.url(), 4);
    frozen(&mut server, pool).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exhausted_pool_of_postgres_is_degraded() {
    let server = Postgres::start();
    exhausted(pool::<sqlx::Postgres>(&server.url(), 3)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exhausted_pool_of_mariadb_is_degraded() {
    let server = MariaDb::start();
    exhausted(pool::<MySql>(&server.url(), 3)).await;
}
