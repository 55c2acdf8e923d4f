//! Invalid input. Each request gets the response of a plain request or a 4xx, nothing panics, and the server continues
//! to respond.

mod clients;
mod messages;
mod panics;
mod targets;

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use health_runtime::{Check, Health, Outcome};
use health_tests::http::{self, Response};
use health_tests::panics::{count, watch};
use health_tests::server::Server;

/// The server of all these tests. Each test asserts that it still responds.
static SERVER: LazyLock<Server> = LazyLock::new(|| {
    watch();
    Server::start(service)
});

/// A machine under load may need longer than the defaults, and then a check is down.
const PATIENT: Duration = Duration::from_mins(1);

fn service() -> impl Fn(&mut ServiceConfig) + Clone + Send + 'static {
    let check = |name| Check::readiness(name, || async { Outcome::up() }).timeout(PATIENT);
    let builder = Health::builder().linked_checks(false).deadline(2 * PATIENT);
    let health = builder.check(check("database")).check(check("redis")).start().unwrap();
    move |config| {
        config.service(health.service()).default_service(web::to(|| async { HttpResponse::NotFound().body("the app") }));
    }
}

fn address() -> SocketAddr {
    SERVER.address()
}

/// Sends bytes on a new connection. Asserts that the response is 200 or 4xx and that the server still responds
/// afterwards.
fn send(bytes: &[u8]) -> Response {
    let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).into_owned();
    let response = http::raw(address(), bytes).unwrap_or_else(|error| panic!("{shown:?}: {error}"));
    assert!(response.status == 200 || (400..500).contains(&response.status), "{shown:?}: {response:?}");
    assert_still_serves();
    response
}

fn assert_still_serves() {
    let response = http::get(address(), "/readyz").unwrap();
    assert_eq!(response.status, 200, "{response:?}");
    assert!(response.text().starts_with(r#"{"status":"healthy","checks":{"database":{"status":"up""#), "{response:?}");
    assert_eq!(count(), 0, "the server panicked");
}

/// Returns a request with this target, which may be any bytes.
fn get(target: &[u8]) -> Vec<u8> {
    [b"GET ", target, b" HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"].concat()
}

fn with_headers(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: test\r\n{headers}Connection: close\r\n\r\n").into_bytes()
}
