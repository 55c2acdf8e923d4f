//! The example on PostgreSQL and Redis, as it runs where it is given their URLs.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use health_tests::folder::Folder;
use health_tests::http::{self, Answer, Connection};
use health_tests::program::{self, Program};
use health_tests::servers::{PASSWORD, Postgres, Redis};
use health_tests::until;

const LIMIT: Duration = Duration::from_secs(30);

struct Orders {
    program: Program,
    address: SocketAddr,
    _folder: Folder,
}

impl Orders {
    fn start(variables: &[(&str, &str)]) -> Self {
        let folder = Folder::new();
        let mut command = Command::new(program::build("health-examples", "orders"));
        command.current_dir(folder.path()).env_remove("ORDERS_DB").env("ORDERS_ADDR", "127.0.0.1:0");
        let mut program = Program::start(command.envs(variables.iter().copied()));
        let address = program.line(LIMIT, "the program prints its address", |line| {
            line.trim().strip_prefix("http://")?.strip_suffix("/orders")?.parse().ok()
        });
        Self { program, address, _folder: folder }
    }

    fn get(&self, path: &str) -> Answer {
        http::get(self.address, path).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The code and the body, without figures, once `/readyz` answers with this code.
    fn ready(&self, code: u16) -> String {
        until(LIMIT, &format!("/readyz is {code}"), || {
            let answer = self.get("/readyz");
            (answer.status == code).then(|| answer.without_figures())
        })
    }

    fn order(&self, item: &str) -> Answer {
        let body = format!(r#"{{"item":"{item}","quantity":1}}"#);
        let mut connection = Connection::open(self.address).unwrap();
        let head = "POST /orders HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length";
        connection.send(format!("{head}: {}\r\n\r\n{body}", body.len()).as_bytes()).unwrap();
        connection.answer().unwrap()
    }
}

#[test]
fn the_example_on_postgres_and_redis_is_unready_only_without_postgres() {
    let (mut database, mut redis) = (Postgres::start(), Redis::start());
    let orders = Orders::start(&[("DATABASE_URL", &database.url()), ("REDIS_URL", &redis.url())]);
    let body = orders.ready(200);
    assert!(body.contains(r#""cache":{"status":"up","latency_ms":_,"role":"master","loading":false}"#), "{body}");
    assert!(body.contains(r#""orders":{"status":"up","latency_ms":_,"pool_size":"#), "{body}");

    assert_eq!(orders.order("tea").text(), r#"{"id":1,"item":"tea","quantity":1,"processed":false}"#);
    let processed = r#"[{"id":1,"item":"tea","quantity":1,"processed":true}]"#;
    until(LIMIT, "the order is processed", || (orders.get("/orders").text() == processed).then_some(()));

    redis.stop();
    let body = until(LIMIT, "it is degraded", || {
        let answer = orders.get("/readyz");
        answer.text().starts_with(r#"{"status":"degraded""#).then_some(answer)
    });
    assert_eq!(body.status, 200);
    let expected = r#""cache":{"status":"down","latency_ms":_,"error":"connection refused"}"#;
    assert!(body.without_figures().contains(expected), "{body:?}");
    assert_eq!(orders.get("/orders").text(), processed, "without the cache");

    database.stop();
    let body = orders.ready(503);
    assert!(body.contains(r#""orders":{"status":"down","latency_ms":_,"error":"connection refused"}"#), "{body}");
    assert_eq!((orders.get("/orders").status, orders.get("/livez").status), (503, 200));

    redis.restart();
    database.restart();
    orders.ready(200);
    until(LIMIT, "the orders are still there", || (orders.get("/orders").text() == processed).then_some(()));
    let said = [orders.program.output(), orders.program.errors()].concat().join("\n");
    assert!(!said.contains(PASSWORD), "{said}");
}
