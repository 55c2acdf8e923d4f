//! A pool of `MariaDB` as a networked check.

use std::net::SocketAddr;
use std::time::Duration;

use health_runtime::Status;
use health_runtime::checks::Sqlx;
use health_tests::checks::with_reason;
use health_tests::servers::MariaDb;

use super::pool::{self, LIMIT, UP, pool};
use crate::contract::{Authenticated, Networked, WRONG, contract};

struct MariaDbCheck;

impl Networked for MariaDbCheck {
    type Server = MariaDb;
    type Check = Sqlx<sqlx::MySql>;

    const TIMEOUT: Duration = LIMIT;
    const FIGURES: &'static [&'static str] = pool::FIGURES;

    fn start() -> MariaDb {
        MariaDb::start()
    }

    fn check(server: &MariaDb, address: SocketAddr) -> Self::Check {
        let url = server.url().replace(&server.address().to_string(), &address.to_string());
        Sqlx::builder(pool(&url, 4)).build().unwrap()
    }

    fn up(_: &MariaDb) -> (u16, String) {
        pool::entry_up()
    }
}

impl Authenticated for MariaDbCheck {
    fn without_access(server: &MariaDb) -> Vec<Self::Check> {
        vec![Sqlx::builder(pool(&server.url_with_password(WRONG), 1)).build().unwrap()]
    }
}

contract!(MariaDbCheck: restarts, password);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_database_is_down_until_it_is_back() {
    let server = MariaDb::start();
    let checked = pool::health(pool::<sqlx::MySql>(&server.url(), 2), LIMIT);
    assert_eq!(pool::status(&checked).await, UP);
    let other = pool::<sqlx::MySql>(&server.url(), 1);
    for (statement, expected) in
        [("DROP DATABASE orders", with_reason(Status::Down, "schema is missing")), ("CREATE DATABASE orders", UP)]
    {
        sqlx::query(statement).execute(&other).await.unwrap();
        assert_eq!(pool::status(&checked).await, expected, "{statement}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_without_a_database_is_up() {
    let server = MariaDb::start();
    let url = server.url();
    let (url, _database) = url.rsplit_once('/').unwrap();
    let health = pool::health(pool::<sqlx::MySql>(url, 1), LIMIT);
    for _ in 0..2 {
        assert_eq!(pool::status(&health).await, UP);
    }
}
