//! A pool of `PostgreSQL` as a networked check.

use std::net::SocketAddr;
use std::time::Duration;

use health_runtime::checks::Sqlx;
use health_tests::servers::Postgres;

use super::pool::{self, LIMIT, pool};
use crate::contract::{Authenticated, Networked, WRONG, contract};

struct PostgresCheck;

impl Networked for PostgresCheck {
    type Server = Postgres;
    type Check = Sqlx<sqlx::Postgres>;

    const TIMEOUT: Duration = LIMIT;
    const FIGURES: &'static [&'static str] = pool::FIGURES;

    fn start() -> Postgres {
        Postgres::start()
    }

    fn check(server: &Postgres, address: SocketAddr) -> Self::Check {
        let url = server.url().replace(&server.address().to_string(), &address.to_string());
        Sqlx::builder(pool(&url, 4)).build().unwrap()
    }

    fn up(_: &Postgres) -> (u16, String) {
        pool::entry_up()
    }
}

impl Authenticated for PostgresCheck {
    fn without_access(server: &Postgres) -> Vec<Self::Check> {
        vec![Sqlx::builder(pool(&server.url_with_password(WRONG), 1)).build().unwrap()]
    }
}

contract!(PostgresCheck: restarts, password);
