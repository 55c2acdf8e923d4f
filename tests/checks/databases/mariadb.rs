//! A pool of `MariaDB` as a networked check.

use std::net::SocketAddr;
use std::time::Duration;

use health_runtime::checks::Sqlx;
use health_tests::servers::MariaDb;

use super::pool::{self, LIMIT, pool};
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
