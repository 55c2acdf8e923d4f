//! Up, stopped, restarted, frozen and thawed; a wrong password; a pool whose connections are all taken.

use std::time::{Duration, Instant};

use health_runtime::Status;
use health_tests::servers::{Daemon, MariaDb, Postgres};
use health_tests::until;
use sqlx::{Database, Executor, MySql, Pool};

use super::pool::{LIMIT, UP, down, health, pool, probe, said};

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

    // sqlx takes the connection back by a task of its own; frozen in the middle of that, it would be in nobody's hands.
    until(LIMIT, "the connection is back", || (pool.num_idle() == 1).then_some(()));
    let hasty = health(pool, SHORT);
    server.freeze();
    let (connections, began) = (server.connections(), Instant::now());
    let mut timed_out = 0;
    for _ in 0..1_000 {
        let (status, error) = said(&hasty).await;
        let error = error.unwrap();
        // On a busy machine a probe may find that the run before was not cut off yet.
        assert!(
            status == Status::Down && (error == "timed out after 2ms" || error.starts_with("still running after")),
            "{error}"
        );
        timed_out += u32::from(error.starts_with("timed out"));
    }
    assert!(timed_out > 500, "{timed_out}");
    // A question that is given up closes a connection that the server does not see closed, and opens one, or two.
    let given_up = usize::try_from(began.elapsed().as_secs() / 10).unwrap();
    let grown = server.connections().saturating_sub(connections);
    assert!(grown <= 2 * given_up, "{grown} more connections to the frozen server, {given_up} questions given up");
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
