//! `/metrics` over HTTP.

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, web};
use health_runtime::{Check, Expose, Format, Health, Kind, Outcome};
use health_tests::checks::health;
use health_tests::http;
use health_tests::server::Server;

use crate::scrape::{call, content_type, get, one_of_each, scrape};

const CLASSIC: &str = "text/plain; version=0.0.4; charset=utf-8";
const OPEN: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

fn unhealthy() -> Health {
    health([Check::readiness("broken", || async { Outcome::down("out of order") })])
}

#[tokio::test]
async fn metrics_are_200_while_unhealthy() {
    let health = unhealthy();
    assert_eq!(get(&health, "/readyz").await.0, 503);
    health.drain();
    let (code, text) = get(&health, "/metrics").await;
    assert_eq!(code, 200);
    assert!(text.contains("\nhealth_status{kind=\"readiness\"} 0.0\n"), "{text}");
}

#[tokio::test]
async fn the_accept_header_selects_openmetrics_or_text() {
    let health = unhealthy();
    let open = call(&health, TestRequest::with_uri("/metrics").insert_header(("Accept", "application/openmetrics-text"))).await;
    assert_eq!(content_type(&open), OPEN);
    assert_eq!(read_body(open).await, scrape(&health).as_bytes());
    let classic = call(&health, TestRequest::with_uri("/metrics").insert_header(("Accept", "*/*"))).await;
    assert_eq!(content_type(&classic), CLASSIC);
    let classic = String::from_utf8(read_body(classic).await.to_vec()).unwrap();
    assert!(classic.contains("# TYPE health_check_runs_total counter\n"), "{classic}");
    assert!(!classic.contains("# EOF") && !classic.contains("# UNIT"), "{classic}");
}

#[test]
fn head_returns_the_headers_of_get() {
    let server = Server::start(|| {
        let health = unhealthy();
        move |config: &mut web::ServiceConfig| {
            config.service(health.service()).service(health.metrics_service());
        }
    });
    let mut connection = http::Connection::open(server.address()).unwrap();
    connection.send(b"HEAD /metrics HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
    let head = connection.response_to_head().unwrap();
    connection.send(b"GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
    let get = connection.response().unwrap();
    assert_eq!((head.status, get.status), (200, 200));
    assert_eq!(head.header("content-length"), Some(get.body.len().to_string().as_str()));
    for response in [&head, &get] {
        assert_eq!(response.header("content-type"), Some(CLASSIC));
        assert_eq!(response.header("cache-control"), Some("no-store"));
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(response.header("vary"), Some("Accept"));
    }
}

#[tokio::test]
async fn other_methods_are_not_allowed() {
    let health = unhealthy();
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let response = call(&health, TestRequest::with_uri("/metrics").method(method.clone())).await;
        assert_eq!(response.status(), 405, "{method}");
        assert_eq!(response.headers().get("allow").unwrap(), "GET, HEAD");
    }
}

#[tokio::test]
async fn a_custom_metrics_path_replaces_the_default() {
    let health = unhealthy();
    let app = App::new().service(web::scope("/internal").service(health.metrics_service().path("stats/")));
    let app = init_service(app).await;
    for (path, code) in [("/internal/stats", 200), ("/internal/stats/x", 404), ("/internal/metrics", 404), ("/metrics", 404)] {
        let response = call_service(&app, TestRequest::with_uri(path).to_request()).await;
        assert_eq!(response.status(), code, "{path}");
    }
}

#[tokio::test]
async fn every_mount_returns_the_same_metrics() {
    let health = one_of_each(&Arc::default());
    get(&health, "/health").await;
    let first = get(&health.clone(), "/metrics").await.1;
    let series = |text: &str| text.lines().filter(|line| line.contains("_total{")).map(ToOwned::to_owned).collect::<Vec<_>>();
    assert_eq!(series(&first), series(&get(&health, "/metrics").await.1));
}

#[tokio::test]
async fn the_endpoints_serve_the_metrics_too() {
    let health = unhealthy();
    get(&health, "/health").await;
    let service = health.service().prefix("/internal").metrics("/metrics").expose(Expose::Status).format(Format::Text);
    let app = init_service(App::new().service(service)).await;
    for (method, path, code, part) in [
        (Method::GET, "/internal/metrics", 200, "\nhealth_check_status{check=\"broken\"} 0.0\n"),
        (Method::GET, "/internal/readyz", 503, "unhealthy\n"),
        (Method::HEAD, "/internal/metrics", 200, ""),
        (Method::POST, "/internal/metrics", 405, "method not allowed\n"),
        (Method::GET, "/internal/metrics/x", 404, ""),
        (Method::GET, "/metrics", 404, ""),
    ] {
        let request = TestRequest::with_uri(path).method(method.clone());
        let response = call_service(&app, request.to_request()).await;
        assert_eq!(response.status(), code, "{method} {path}");
        let body = String::from_utf8(read_body(response).await.to_vec()).unwrap();
        assert!(body.contains(part), "{method} {path}: {body}");
    }
    let none = init_service(App::new().service(health.service())).await;
    assert_eq!(call_service(&none, TestRequest::with_uri("/metrics").to_request()).await.status(), 404, "only if asked for");
}

#[tokio::test]
async fn the_metrics_win_over_a_path_above_them_and_not_over_an_equal_one() {
    let health = unhealthy();
    let above = health.service().path(Kind::Readiness, "/").metrics("/metrics");
    let app = init_service(App::new().service(above)).await;
    for (path, code) in [("/metrics", 200), ("/", 503), ("/broken", 503), ("/metrics/x", 404)] {
        let response = call_service(&app, TestRequest::with_uri(path).to_request()).await;
        assert_eq!(response.status(), code, "{path}");
    }
    let equal = init_service(App::new().service(health.service().metrics("/readyz"))).await;
    let response = call_service(&equal, TestRequest::with_uri("/readyz").to_request()).await;
    assert_eq!(response.status(), 503);
    let error = r#"{"error":"`/readyz` is configured for both readiness and metrics"}"#;
    assert_eq!(read_body(response).await, error);
}

#[tokio::test]
async fn scrapes_of_the_endpoints_are_not_in_flight() {
    let health = health([]);
    let app = App::new().service(health.service().metrics("/metrics")).wrap(health.middleware());
    let app = init_service(app).await;
    let _response = call_service(&app, TestRequest::with_uri("/metrics").to_request()).await;
    let body = read_body(call_service(&app, TestRequest::with_uri("/livez?verbose").to_request()).await).await;
    assert!(body.ends_with(br#","in_flight":0}"#), "{body:?}");
}

#[test]
fn a_dedicated_port_serves_the_metrics() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _entered = runtime.enter();
    let health = unhealthy();
    let listener = health.listen("127.0.0.1:0", |service| service.metrics("/metrics")).unwrap();
    let response =
        http::request(listener.local_addr(), "GET", "/metrics", &[("accept", "application/openmetrics-text")]).unwrap();
    assert_eq!((response.status, response.header("content-type")), (200, Some(OPEN)));
    assert!(response.text().ends_with("# EOF\n"), "{}", response.text());
    assert_eq!(http::get(listener.local_addr(), "/metrics/x").unwrap().status, 404);
}
