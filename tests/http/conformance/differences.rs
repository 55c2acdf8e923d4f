//! The same requests to actix-web and to another server: a difference in the status, a header or the body is a failure.

use std::net::SocketAddr;

use health_runtime::{Check, Details, DrainCode, Expose, Format, HealthService, Kind, Outcome, ProbeRequest, Scope};
use health_tests::checks::{Caused, always};
use health_tests::http::{self, Response};

use super::probes::patient;
use super::served::{Actix, ActixListener, Axum, Hyper, HyperListener, Served};

const OPERATOR: &[(&str, &str)] = &[("X-Operator", "yes")];
const NONE: &[(&str, &str)] = &[];

/// A method, a path and headers.
type Request = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// Every option of the endpoints, and checks with each status, details, odd characters and a long text.
fn moved() -> HealthService {
    let failing = || async { Err::<(), _>(Caused("postgres://app:hunter2@db1 is gone".to_owned(), None)) };
    let odd = || async { Outcome::down("\"<b>\u{202e}😀\n".repeat(100)) };
    let details = || async { Details(std::collections::BTreeMap::from([("free_gb", 42.5)])) };
    let health = patient([
        always(Kind::Readiness, "lag", || Outcome::degraded("12s behind").with("lag", [1, 2])).tags(["db", "queue"]),
        Check::readiness("orders", failing).tags(["db"]).critical(false),
        Check::readiness("odd", odd).critical(false),
        Check::readiness("disk", details).and(Kind::Startup),
        always(Kind::Liveness, "loop", Outcome::up),
    ]);
    let rule = |request: &ProbeRequest<'_>| {
        request.header("x-operator") == Some("yes") && request.peer_addr().is_none_or(|peer| peer.ip().is_loopback())
    };
    let service = health.name("shop").version("1.4.2").start().unwrap().service();
    let service = service.prefix("/internal").path(Kind::Liveness, "/health/live").also_at(Scope::All, "/status");
    let service = service.expose_when(rule, Expose::Errors).metrics("/metrics").envoy_degraded(true).format(Format::Text);
    service.drain_code(DrainCode::NotFound)
}

/// The default options.
fn defaults() -> HealthService {
    patient([always(Kind::Readiness, "database", Outcome::up)]).start().unwrap().service()
}

/// Returns what must be equal: all but the date, what belongs to the connection, and the figures that differ in every run.
fn comparable(response: &Response) -> (u16, Vec<(String, String)>, String) {
    let ignored = ["date", "connection", "content-length"];
    let headers = response.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone()));
    let mut headers: Vec<_> = headers.filter(|(name, _)| !ignored.contains(&&**name)).collect();
    headers.sort();
    let is_head = response.body.is_empty();
    assert!(is_head || response.header("content-length") == Some(&*response.body.len().to_string()), "{response:?}");
    assert!(response.header("content-length").is_some_and(|length| length != "0"), "{response:?}");
    // Times, identifiers, measured figures with their units, and the widths of what the page draws.
    let figures = r"[0-9a-f]{16}|\d{4}-\d\d-\d\dT[\d:.]+Z|just now|\d+(\.\d+)?(e-?\d+)?(µs|ms|s)?( ago)?";
    let figures = regex_lite::Regex::new(figures).unwrap();
    let body = figures.replace_all(std::str::from_utf8(&response.body).unwrap(), "_").into_owned();
    (response.status, headers, body)
}

fn compare<S: Served>(make: fn() -> HealthService, requests: &[Request]) {
    let (actix, other) = (Actix::start(make), S::start(make));
    for (method, path, headers) in requests {
        let response = |address| http::request(address, method, path, headers).unwrap();
        let [expected, got] = [actix.address(), other.address()].map(|address| comparable(&response(address)));
        assert_eq!(got, expected, "{method} {path} {headers:?}");
    }
}

pub(super) fn a1_every_server_responds_as_actix_web_does<S: Served>() {
    let mut requests: Vec<Request> = Vec::new();
    let paths = [
        "/internal/readyz",
        "/internal/readyz/",
        "/internal/startupz",
        "/internal/health",
        "/internal/healthz",
        "/internal/status",
        "/internal/health/live",
        "/internal/health/live/loop",
        "/internal/health/lag",
        "/internal/health/nope",
        "/internal/readyz/loop",
        "/internal/readyz/la%67",
        "/internal/readyz/%6cag%2f",
        "/internal/readyz//",
        "/internal/readyz/lag/x",
        "/internal/readyz/%ff%zz%",
        "/internal/readyz?",
        "/internal/readyz?verbose",
        "/internal/readyz?exclude=lag&exclude=nope&verbose",
        "/internal/health?tag=db",
        "/internal/health?tag=d%62&tag=queue",
        "/internal/health?tag=nope",
        "/internal/health?format=html",
        "/internal/health?format=spring",
        "/internal/health/readiness?format=spring",
        "/internal/health?format=microprofile",
        "/internal/health?format=health%2Bjson",
        "/internal/health?format=json&verbose",
        "/internal/health?format=nope",
        "/internal/metrics?x",
    ];
    for path in paths {
        for method in ["GET", "HEAD", "OPTIONS", "POST", "DELETE", "BREW"] {
            requests.push((method, path, NONE));
            requests.push((method, path, OPERATOR));
        }
    }
    let accepts: [&[(&str, &str)]; 10] = [
        &[("Accept", "*/*")],
        &[("Accept", "application/json")],
        &[("Accept", "application/health+json;q=0.9, text/html;q=0.1")],
        &[("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")],
        &[("Accept", "text/plain, text/*, */*")],
        &[("accept", "image/png")],
        &[("Accept", ";;;,q=")],
        &[("Accept", "text/html"), ("Accept", "application/json;q=0.1")],
        &[("Accept", "application/openmetrics-text")],
        &[("X-Operator", "no"), ("X-Operator", "yes")],
    ];
    for headers in accepts {
        requests.extend(["/internal/health", "/internal/metrics"].map(|path| ("GET", path, headers)));
    }
    compare::<S>(moved, &requests);
    let paths = ["/readyz", "/livez", "/readyz/database", "/readyz?verbose", "/readyz?format=html", "/healthz?format=text"];
    compare::<S>(defaults, &paths.map(|path| ("GET", path, NONE)));
}

pub(super) fn a1_conflicting_paths_respond_alike<S: Served>() {
    let conflict = || defaults().path(Kind::Liveness, "/readyz");
    let root = || defaults().path(Kind::Readiness, "/");
    compare::<S>(
        conflict,
        &[("GET", "/readyz", NONE), ("HEAD", "/readyz/x", NONE), ("POST", "/readyz", NONE), ("GET", "/health", NONE)],
    );
    compare::<S>(root, &[("GET", "/", NONE), ("GET", "/database", NONE), ("GET", "/nope/x", NONE), ("HEAD", "/livez", NONE)]);
}

#[test]
fn braces_are_a_pattern_on_actix_web_and_literal_elsewhere() {
    let make = || defaults().prefix("/{tenant}");
    let codes = |address| ["/{tenant}/readyz", "/orders/readyz", "/orders/7/readyz"].map(|path| code(address, path));
    assert_eq!(codes(Actix::start(make).address()), [200, 200, 418]);
    assert_eq!(codes(ActixListener::start(make).address()), [200, 200, 404]);
    assert_eq!(codes(Axum::start(make).address()), [200, 418, 418]);
    assert_eq!(codes(Hyper::start(make).address()), [200, 404, 404]);
    assert_eq!(codes(HyperListener::start(make).address()), [200, 404, 404]);
}

fn code(address: SocketAddr, path: &str) -> u16 {
    http::get(address, path).unwrap().status
}
