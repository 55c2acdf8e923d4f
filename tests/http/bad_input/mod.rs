//! Input that no client should send. Each gets the answer of a plain request or a 4xx, nothing panics, and the server
//! goes on to answer.

mod clients;
mod messages;
mod panics;
mod targets;

use std::net::SocketAddr;
use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use health_runtime::{Check, Health, Outcome};
use health_tests::http::{self, Answer};
use health_tests::panics::{count, watch};
use health_tests::server::Server;

/// One server for all tests of this file: that it still answers is part of each.
static SERVER: LazyLock<Server> = LazyLock::new(|| {
    watch();
    Server::start(|| {
        let check = |name| Check::readiness(name, || async { Outcome::up() });
        let health = Health::builder().linked_checks(false).check(check("database")).check(check("redis")).start().unwrap();
        move |config: &mut ServiceConfig| {
            config.service(health.service()).default_service(web::to(|| async { HttpResponse::NotFound().body("the app") }));
        }
    })
});

fn address() -> SocketAddr {
    SERVER.address()
}

/// Sends bytes on a connection of their own. The answer must be there and not be a fault of the server, which answers
/// others afterwards.
fn send(bytes: &[u8]) -> Answer {
    let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).into_owned();
    let answer = http::raw(address(), bytes).unwrap_or_else(|error| panic!("{shown:?}: {error}"));
    assert!(answer.status == 200 || (400..500).contains(&answer.status), "{shown:?}: {answer:?}");
    assert_still_serves();
    answer
}

fn assert_still_serves() {
    let answer = http::get(address(), "/readyz").unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.text().starts_with(r#"{"status":"healthy","checks":{"database":{"status":"up""#), "{answer:?}");
    assert_eq!(count(), 0, "the server panicked");
}

/// A request line with this target, which may be any bytes, and what else a request needs.
fn get(target: &[u8]) -> Vec<u8> {
    [b"GET ", target, b" HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"].concat()
}

fn with_headers(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: test\r\n{headers}Connection: close\r\n\r\n").into_bytes()
}
