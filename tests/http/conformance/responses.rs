//! The responses as bytes on a socket.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use health_runtime::{Check, Health, Outcome};
use health_tests::http::{self, Connection, Response};

use super::served::Served;

const GET: [&str; 5] = ["/livez", "/readyz", "/startupz", "/health", "/healthz"];

/// Returns a health with two readiness checks, one of them down, and one liveness check. `runs` counts the runs of `counted`.
pub(crate) fn sick(runs: &Arc<AtomicUsize>) -> Health {
    let runs = Arc::clone(runs);
    let counted = Check::readiness("counted", move || {
        runs.fetch_add(1, Ordering::SeqCst);
        async { Outcome::up() }
    });
    Health::builder()
        .linked_checks(false)
        .version("1.4.2")
        .check(counted.cache(Duration::ZERO))
        .check(Check::readiness("broken", || async { Outcome::down("out of order") }))
        .check(Check::liveness("alive", || async { Outcome::up() }))
        .start()
        .unwrap()
}

fn server<S: Served>(runs: &Arc<AtomicUsize>) -> S {
    let runs = Arc::clone(runs);
    S::start(move || sick(&runs).service())
}

fn get(address: SocketAddr, method: &str, path: &str) -> Response {
    http::request(address, method, path, &[]).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
}

pub(crate) fn assert_common_headers(response: &Response) {
    assert_eq!(response.header("cache-control"), Some("no-store"), "{response:?}");
    assert_eq!(response.header("x-content-type-options"), Some("nosniff"), "{response:?}");
    assert_eq!(response.header("vary"), Some("Accept"), "{response:?}");
    assert_eq!(response.header("content-type"), Some("application/json"), "{response:?}");
    assert_eq!(response.header("transfer-encoding"), None, "{response:?}");
    assert!(response.header("content-length").is_some_and(|length| length != "0"), "{response:?}");
}

/// A request for each status code.
pub(crate) const ONE_OF_EACH: [(&str, &str, u16); 8] = [
    ("GET", "/livez", 200),
    ("GET", "/startupz", 200),
    ("GET", "/readyz", 503),
    ("GET", "/health", 503),
    ("OPTIONS", "/readyz", 503),
    ("GET", "/readyz/counted", 200),
    ("GET", "/readyz/nope", 404),
    ("POST", "/readyz", 405),
];

pub(super) fn h1_every_response_has_the_same_headers_and_a_length<S: Served>() {
    let server = server::<S>(&Arc::default());
    for (method, path, status) in ONE_OF_EACH {
        let response = get(server.address(), method, path);
        assert_eq!(response.status, status, "{method} {path}: {response:?}");
        assert_common_headers(&response);
        assert_eq!(response.header("content-length"), Some(response.body.len().to_string().as_str()));
        assert!(response.json().is_object(), "{response:?}");
    }
    assert_eq!(get(server.address(), "GET", "/readyz/nope").text(), r#"{"error":"not found"}"#);
    assert_eq!(get(server.address(), "POST", "/readyz").text(), r#"{"error":"method not allowed"}"#);
}

pub(super) fn h1_nothing_follows_the_declared_length<S: Served>() {
    let server = server::<S>(&Arc::default());
    for (method, path, _) in ONE_OF_EACH {
        let mut connection = Connection::open(server.address()).unwrap();
        let request = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        connection.send(request.as_bytes()).unwrap();
        connection.response().unwrap();
        assert_eq!(connection.rest().unwrap(), b"", "{method} {path}");
    }
}

pub(super) fn h2_head_returns_the_headers_of_get<S: Served>() {
    let server = server::<S>(&Arc::default());
    for path in GET.into_iter().chain(["/readyz/", "/readyz/counted", "/readyz/nope"]) {
        let mut connection = Connection::open(server.address()).unwrap();
        connection.send(format!("HEAD {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
        let head = connection.response_to_head().unwrap();
        assert_eq!(connection.rest().unwrap(), b"", "{path}");
        let get = get(server.address(), "GET", path);
        assert_eq!(head.status, get.status, "{path}");
        assert_common_headers(&head);
        assert_eq!(stable(&head), stable(&get), "{path}");
    }
}

pub(super) fn h2_head_declares_the_length_of_the_body_that_get_sends<S: Served>() {
    // Without checks the body has no latency, so the lengths are equal.
    let server = S::start(|| Health::builder().linked_checks(false).start().unwrap().service());
    for path in GET {
        // On a slow machine the uptime may get another digit between two of them.
        let [before, head, after] = ["GET", "HEAD", "GET"].map(|method| get(server.address(), method, path));
        let lengths = [before, after].map(|get| {
            assert_eq!(get.without_figures(), r#"{"status":"healthy","checks":{},"uptime_seconds":_}"#, "{path}");
            get.body.len().to_string()
        });
        assert!(head.header("content-length").is_some_and(|length| lengths.iter().any(|one| one == length)), "{path}");
    }
}

pub(super) fn h2_options_over_http_1_0_without_headers_is_a_get<S: Served>() {
    let server = server::<S>(&Arc::default());
    for path in GET {
        let mut connection = Connection::open(server.address()).unwrap();
        connection.send(format!("OPTIONS {path} HTTP/1.0\r\n\r\n").as_bytes()).unwrap();
        let options = connection.response().unwrap();
        assert_eq!(connection.rest().unwrap(), b"", "it closes, as HTTP/1.0 does");
        let get = get(server.address(), "GET", path);
        assert_eq!(options.status, get.status, "{path}");
        assert_common_headers(&options);
        assert_eq!(names(&options), names(&get), "{path}");
        assert_eq!(keys(&options), keys(&get), "{path}");
    }
}

pub(super) fn h2_other_methods_are_not_allowed_and_run_nothing<S: Served>() {
    let runs = Arc::default();
    let server = server::<S>(&runs);
    for path in GET.into_iter().chain(["/readyz/", "/readyz/counted"]) {
        for method in ["POST", "PUT", "DELETE", "TRACE", "PATCH", "PROPFIND", "BREW"] {
            let response = get(server.address(), method, path);
            assert_eq!(response.status, 405, "{method} {path}: {response:?}");
            assert_eq!(response.header("allow"), Some("GET, HEAD, OPTIONS"), "{method} {path}");
            assert_eq!(response.text(), r#"{"error":"method not allowed"}"#, "{method} {path}");
        }
    }
    assert_eq!(runs.load(Ordering::SeqCst), 0);
}

pub(super) fn h4_an_unknown_path_below_an_endpoint_is_not_found_and_runs_nothing<S: Served>() {
    let runs = Arc::default();
    let server = server::<S>(&runs);
    let unknown = [
        "/readyz/nope",
        "/readyz/COUNTED",
        "/readyz/counted2",
        "/readyz/counted/more",
        "/readyz/alive",
        "/livez/counted",
        "/startupz/counted",
        "/health/nope",
        "/healthz/nope",
        "/readyz//",
        "/readyz//counted",
        "/readyz/counted//",
    ];
    for path in unknown {
        let response = get(server.address(), "GET", path);
        assert_eq!((response.status, response.text()), (404, r#"{"error":"not found"}"#), "{path}");
        assert_common_headers(&response);
    }
    assert_eq!(runs.load(Ordering::SeqCst), 0, "nothing ran");

    let known = get(server.address(), "GET", "/readyz/counted");
    assert_eq!((known.status, runs.load(Ordering::SeqCst)), (200, 1), "what is known runs, once: {known:?}");
}

pub(super) fn h4_other_paths_are_those_of_the_application<S: Served>() {
    let runs = Arc::default();
    let server = server::<S>(&runs);
    for path in ["/", "/READYZ", "//readyz", "/readyzz", "/ready", "/health2", "/livezcounted", "/api/readyz"] {
        let response = get(server.address(), "GET", path);
        assert_eq!((response.status, response.text()), S::ELSEWHERE, "{path}");
    }
    assert_eq!(runs.load(Ordering::SeqCst), 0);
}

/// Returns the headers whose values are equal in every response.
fn stable(response: &Response) -> Vec<&(String, String)> {
    let is_stable = |name: &str| !["date", "content-length"].contains(&name.to_ascii_lowercase().as_str());
    let mut headers: Vec<_> = response.headers.iter().filter(|(name, _)| is_stable(name)).collect();
    // A server may send headers in any order.
    headers.sort();
    headers
}

/// Returns the names of the headers, without the one that HTTP/1.0 and 1.1 treat differently.
fn names(response: &Response) -> Vec<String> {
    let mut names: Vec<String> = response.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.retain(|name| name != "connection");
    names.sort();
    names
}

/// Returns the keys of the body and of its checks.
fn keys(response: &Response) -> Vec<String> {
    let body = response.json();
    let keys_of = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    [keys_of(&body), keys_of(&body["checks"])].concat()
}
