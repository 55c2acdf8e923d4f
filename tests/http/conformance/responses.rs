//! The responses of a real server as bytes on a socket. Single writes are observed below the socket.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use futures_util::StreamExt;
use health_runtime::{Check, Health, Outcome};
use health_tests::http::{self, Connection, Response};
use health_tests::recorder;
use health_tests::server::Server;

const GET: [&str; 5] = ["/livez", "/readyz", "/startupz", "/health", "/healthz"];

/// Returns a health with two readiness checks, one of them down, and one liveness check. `runs` counts the runs of `counted`.
fn sick(runs: &Arc<AtomicUsize>) -> Health {
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

/// Configures the endpoints and a default service of the application.
fn serve(health: Health) -> impl Fn(&mut ServiceConfig) + Clone + Send + 'static {
    move |config| {
        config.service(health.service()).default_service(web::to(|| async { HttpResponse::ImATeapot().body("the app") }));
    }
}

fn server(runs: &Arc<AtomicUsize>) -> Server {
    let runs = Arc::clone(runs);
    Server::start(move || serve(sick(&runs)))
}

fn get(address: SocketAddr, method: &str, path: &str) -> Response {
    http::request(address, method, path, &[]).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
}

fn assert_common_headers(response: &Response) {
    assert_eq!(response.header("cache-control"), Some("no-store"), "{response:?}");
    assert_eq!(response.header("x-content-type-options"), Some("nosniff"), "{response:?}");
    assert_eq!(response.header("vary"), Some("Accept"), "{response:?}");
    assert_eq!(response.header("content-type"), Some("application/json"), "{response:?}");
    assert_eq!(response.header("transfer-encoding"), None, "{response:?}");
    assert!(response.header("content-length").is_some_and(|length| length != "0"), "{response:?}");
}

/// A request for each status code.
const ONE_OF_EACH: [(&str, &str, u16); 8] = [
    ("GET", "/livez", 200),
    ("GET", "/startupz", 200),
    ("GET", "/readyz", 503),
    ("GET", "/health", 503),
    ("OPTIONS", "/readyz", 503),
    ("GET", "/readyz/counted", 200),
    ("GET", "/readyz/nope", 404),
    ("POST", "/readyz", 405),
];

#[test]
fn h1_every_response_has_the_same_headers_and_a_length() {
    let server = server(&Arc::default());
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

#[test]
fn h1_nothing_follows_the_declared_length() {
    let server = server(&Arc::default());
    for (method, path, _) in ONE_OF_EACH {
        let mut connection = Connection::open(server.address()).unwrap();
        let request = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        connection.send(request.as_bytes()).unwrap();
        connection.response().unwrap();
        assert_eq!(connection.rest().unwrap(), b"", "{method} {path}");
    }
}

#[actix_web::test]
async fn h1_head_and_body_are_sent_in_one_write() {
    let health = sick(&Arc::default());
    for (method, path, status) in ONE_OF_EACH.into_iter().chain([("HEAD", "/readyz", 503)]) {
        let request = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        let writes = recorder::writes(serve(health.clone()), request.as_bytes()).await;
        assert_eq!(writes.len(), 1, "{method} {path}: {writes:?}");
        let (response, length) = http::parse(&writes[0], method != "HEAD").unwrap().unwrap();
        assert_eq!((response.status, length), (status, writes[0].len()), "{method} {path}");
        assert_common_headers(&response);
    }
}

#[actix_web::test]
async fn h1_the_page_is_sent_in_one_write() {
    let builder = (100..300).fold(Health::builder().linked_checks(false), |builder, i| {
        builder.check(Check::readiness(format!("check-{i}"), || async { Outcome::up() }))
    });
    let request = b"GET /readyz HTTP/1.1\r\nHost: test\r\nAccept: text/html\r\nConnection: close\r\n\r\n";
    let writes = recorder::writes(serve(builder.start().unwrap()), request).await;
    assert_eq!(writes.len(), 1, "{}", writes.len());
    let (response, length) = http::parse(&writes[0], true).unwrap().unwrap();
    assert_eq!((response.status, length), (200, writes[0].len()));
    assert!(length > 200_000 && response.text().ends_with("</html>"), "{length} bytes");
}

#[actix_web::test]
async fn h1_the_recorder_distinguishes_two_writes_from_one() {
    let streamed = |config: &mut ServiceConfig| {
        config.route(
            "/",
            web::to(|| async {
                let pieces = ["a", "b"].map(|piece| async move {
                    actix_web::rt::task::yield_now().await;
                    Ok::<_, actix_web::Error>(web::Bytes::from_static(piece.as_bytes()))
                });
                HttpResponse::Ok().streaming(futures_util::stream::iter(pieces).then(|piece| piece))
            }),
        );
    };
    let writes = recorder::writes(streamed, b"GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").await;
    assert!(writes.len() > 1, "{writes:?}");
}

#[test]
fn h2_head_returns_the_headers_of_get() {
    let server = server(&Arc::default());
    for path in GET.into_iter().chain(["/readyz/", "/readyz/counted", "/readyz/nope"]) {
        // On one connection, a body after a HEAD would be read as the next response.
        let mut connection = Connection::open(server.address()).unwrap();
        connection.send(format!("HEAD {path} HTTP/1.1\r\nHost: test\r\n\r\n").as_bytes()).unwrap();
        let head = connection.response_to_head().unwrap();
        connection.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n").as_bytes()).unwrap();
        let get = connection.response().unwrap();
        assert_eq!(head.status, get.status, "{path}");
        assert_common_headers(&head);
        assert_eq!(stable(&head), stable(&get), "{path}");
    }
}

#[test]
fn h2_head_declares_the_length_of_the_body_that_get_sends() {
    // Without checks the body has no latency, so both lengths are equal.
    let server = Server::start(|| serve(Health::builder().linked_checks(false).start().unwrap()));
    for path in GET {
        let (head, get) = (get(server.address(), "HEAD", path), get(server.address(), "GET", path));
        assert_eq!(head.header("content-length"), Some(get.body.len().to_string().as_str()), "{path}");
        assert_eq!(get.text(), r#"{"status":"healthy","checks":{},"uptime_seconds":0}"#, "{path}");
    }
}

#[test]
fn h2_options_over_http_1_0_without_headers_is_a_get() {
    let server = server(&Arc::default());
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

#[test]
fn h2_other_methods_are_not_allowed_and_run_nothing() {
    let runs = Arc::default();
    let server = server(&runs);
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

#[test]
fn h4_an_unknown_path_below_an_endpoint_is_not_found_and_runs_nothing() {
    let runs = Arc::default();
    let server = server(&runs);
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

#[test]
fn h4_unknown_paths_fall_through_to_the_app() {
    let runs = Arc::default();
    let server = server(&runs);
    for path in ["/", "/READYZ", "//readyz", "/readyzz", "/ready", "/health2", "/livezcounted", "/api/readyz"] {
        let response = get(server.address(), "GET", path);
        assert_eq!((response.status, response.text()), (418, "the app"), "{path}");
    }
    assert_eq!(runs.load(Ordering::SeqCst), 0);
}

/// Returns the headers whose values are equal in every response.
fn stable(response: &Response) -> Vec<&(String, String)> {
    response
        .headers
        .iter()
        .filter(|(name, _)| !["date", "content-length"].contains(&name.to_ascii_lowercase().as_str()))
        .collect()
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
