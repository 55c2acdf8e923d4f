//! What a probe costs the database, counted on the wire. The documentation of the check has these numbers.

use health_tests::servers::{Counting, Daemon, MariaDb, Postgres};
use health_tests::until;
use sqlx::{Database, Executor, MySql, Pool};

use super::pool::{LIMIT, UP, health, pool, status};

/// Returns the connections and round trips of the first probe and of each later one.
async fn cost<DB>(proxy: &Counting, pool: Pool<DB>) -> [(u64, u64); 2]
where
    DB: Database,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let health = health(pool.clone(), LIMIT);
    let mut costs = Vec::new();
    let mut before = proxy.counts();
    for _ in 0..4 {
        assert_eq!(status(&health).await, UP);
        // sqlx returns the connection to the pool in a separate task.
        until(LIMIT, "the connection is back", || (pool.num_idle() == 1).then_some(()));
        let now = proxy.counts();
        costs.push((now.connections - before.connections, now.round_trips - before.round_trips));
        before = now;
    }
    assert!(costs[1..].iter().all(|cost| *cost == costs[1]), "{costs:?}");
    [costs[0], costs[1]]
}

/// Starts a proxy in front of the server and returns it with the URL that leads through it.
fn counting(server: &Daemon, url: &str) -> (Counting, String) {
    let proxy = Counting::start(server.address());
    let through = url.replace(&server.address().to_string(), &proxy.address().to_string());
    (proxy, through)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_probe_costs_postgres_two_round_trips_and_no_connection() {
    let server = Postgres::start();
    let (proxy, url) = counting(&server, &server.url());
    assert_eq!(cost(&proxy, pool::<sqlx::Postgres>(&url, 2)).await, [(1, 5), (0, 2)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_probe_costs_mariadb_two_round_trips_and_no_connection() {
    let server = MariaDb::start();
    let (proxy, url) = counting(&server, &server.url());
    assert_eq!(cost(&proxy, pool::<MySql>(&url, 2)).await, [(1, 4), (0, 2)]);
}
