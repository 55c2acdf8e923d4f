//! The header for Envoy and the drain code for HAProxy.

use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, dev};
use health_runtime::{DrainCode, Expose, Health, HealthService, Kind, Outcome};

use health_tests::checks::{always, down, health, up};
use health_tests::probe::Response;

/// The code, whether the header for Envoy is present, and the body.
type Seen = (u16, bool, String);

async fn probe(health: &Health, terms: impl Fn(HealthService) -> HealthService, method: &Method, path: &str) -> Seen {
    let app = init_service(App::new().service(terms(health.service()))).await;
    let probe = async || {
        let request = TestRequest::with_uri(path).method(method.clone());
        seen_in(call_service(&app, request.to_request()).await).await
    };
    let (seen, prepared) = (probe().await, probe().await);
    assert_eq!(prepared, seen, "{path}");
    seen
}

async fn seen_in(response: dev::ServiceResponse) -> Seen {
    let response = Response::read(response).await;
    let degraded = response.header("x-envoy-degraded");
    assert!(degraded.is_none_or(|value| value == "true"), "{degraded:?}");
    (response.code, degraded.is_some(), response.body)
}

fn degraded_health() -> Health {
    let lag = || always(Kind::Readiness, "lag", || Outcome::degraded("12s behind")).and(Kind::Liveness).and(Kind::Startup);
    health([lag()])
}

const LAG: &str =
    r#"{"status":"degraded","checks":{"lag":{"status":"degraded","latency_ms":0,"error":"12s behind"}},"uptime_seconds":0}"#;

#[tokio::test(start_paused = true)]
async fn a_degraded_200_has_the_envoy_header() {
    let health = degraded_health();
    let with_header = |service: HealthService| service.envoy_degraded(true);
    for (path, header) in
        [("/readyz", true), ("/health", true), ("/healthz", true), ("/readyz/lag", true), ("/livez", false), ("/startupz", false)]
    {
        assert_eq!(probe(&health, with_header, &Method::GET, path).await, (200, header, LAG.to_owned()), "{path}");
        assert_eq!(probe(&health, with_header, &Method::HEAD, path).await, (200, header, String::new()), "{path}");
        assert_eq!(probe(&health, |service| service, &Method::GET, path).await, (200, false, LAG.to_owned()), "{path}");
    }
    let closed = |service: HealthService| service.expose(Expose::Status).envoy_degraded(true);
    let expected = (200, true, r#"{"status":"degraded"}"#.to_owned());
    assert_eq!(probe(&health, closed, &Method::GET, "/readyz").await, expected);
    assert!(probe(&health, with_header, &Method::GET, "/readyz?format=text").await.1);
    let off = |service: HealthService| service.envoy_degraded(true).envoy_degraded(false);
    assert!(!probe(&health, off, &Method::GET, "/readyz").await.1);

    health.drain();
    let (code, header, _) = probe(&health, with_header, &Method::GET, "/readyz").await;
    assert_eq!((code, header), (503, false), "not ready is more than degraded");
}

#[tokio::test(start_paused = true)]
async fn other_responses_lack_the_envoy_header() {
    let with_header = |service: HealthService| service.envoy_degraded(true);
    for (check, code) in [(up(Kind::Readiness, "a"), 200), (down(Kind::Readiness, "a"), 503)] {
        let (got, header, _) = probe(&health([check]), with_header, &Method::GET, "/readyz").await;
        assert_eq!((got, header), (code, false));
    }
    let (code, header, _) = probe(&degraded_health(), with_header, &Method::GET, "/readyz/nope").await;
    assert_eq!((code, header), (404, false));
}

#[tokio::test(start_paused = true)]
async fn the_envoy_header_disappears_when_the_check_recovers() {
    let recovers = tokio::time::Instant::now() + std::time::Duration::from_secs(5);
    let check = health_runtime::Check::readiness("lag", move || {
        let behind = tokio::time::Instant::now() < recovers;
        async move { if behind { Outcome::degraded("behind") } else { Outcome::up() } }
    });
    let health = health([check]);
    let app = init_service(App::new().service(health.service().envoy_degraded(true))).await;
    for (seconds, header) in [(0, true), (2, true), (4, true), (6, false), (8, false)] {
        let (code, got, body) = seen_in(call_service(&app, TestRequest::with_uri("/readyz").to_request()).await).await;
        assert_eq!((code, got, body.contains(r#""status":"degraded""#)), (200, header, header), "{seconds}");
        tokio::time::advance(std::time::Duration::from_secs(2)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_drain_code_can_be_404() {
    let health = health([up(Kind::Readiness, "a"), down(Kind::Readiness, "b"), up(Kind::Liveness, "l")]);
    let haproxy = |service: HealthService| service.drain_code(DrainCode::NotFound);
    let checks = r#""a":{"status":"up","latency_ms":0},"b":{"status":"down","latency_ms":0,"error":"broken"}"#;
    let readyz = |reason: &str| format!(r#"{{"status":"unhealthy",{reason}"checks":{{{checks}}},"uptime_seconds":0}}"#);
    assert_eq!(probe(&health, haproxy, &Method::GET, "/readyz").await, (503, false, readyz("")), "not draining");

    // This one has a cached response.
    let app = init_service(App::new().service(haproxy(health.service()))).await;
    let before = seen_in(call_service(&app, TestRequest::with_uri("/readyz").to_request()).await).await;
    assert_eq!(before.0, 503);
    health.drain();
    let draining = readyz(r#""reason":"draining","#);
    let after = seen_in(call_service(&app, TestRequest::with_uri("/readyz").to_request()).await).await;
    assert_eq!(after, (404, false, draining.clone()));

    for method in [Method::GET, Method::OPTIONS] {
        assert_eq!(probe(&health, haproxy, &method, "/readyz").await, (404, false, draining.clone()));
        assert_eq!(probe(&health, |service| service, &method, "/readyz").await, (503, false, draining.clone()));
    }
    assert_eq!(probe(&health, haproxy, &Method::HEAD, "/readyz").await, (404, false, String::new()));
    for (path, code) in [("/health", 404), ("/healthz", 404), ("/readyz/a", 404), ("/livez", 200), ("/startupz", 200)] {
        assert_eq!(probe(&health, haproxy, &Method::GET, path).await.0, code, "{path}");
    }
    assert_eq!(probe(&health, haproxy, &Method::POST, "/readyz").await.0, 405);
}

#[tokio::test(start_paused = true)]
async fn draining_before_startup_is_404_for_readiness_only() {
    let health = health([down(Kind::Startup, "migration"), down(Kind::Liveness, "l")]);
    let haproxy = |service: HealthService| service.drain_code(DrainCode::NotFound);
    for (draining, readyz) in [(false, 503), (true, 404)] {
        for (path, code) in [("/readyz", readyz), ("/health", readyz), ("/startupz", 503), ("/livez", 503)] {
            assert_eq!(probe(&health, haproxy, &Method::GET, path).await.0, code, "{path}, draining: {draining}");
        }
        health.drain();
    }
}
