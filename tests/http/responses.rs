//! H: responses over HTTP, without a socket.

use std::future::ready;
use std::time::Duration;

use actix_web::http::Method;
use actix_web::{App, HttpResponse, Responder, test, web};
use health_runtime::{Check, Kind, Outcome, Scope};

use health_tests::checks::{Runs, builder, down, health, up};
use health_tests::probe::{get, request};

#[tokio::test(start_paused = true)]
async fn h1_every_response_has_the_headers() {
    let health = health([up(Kind::Readiness, "a"), Check::liveness("b", || ready(Err::<(), _>("no")))]);
    for (method, path, code) in [
        (Method::GET, "/readyz", 200),
        (Method::GET, "/livez", 503),
        (Method::GET, "/readyz/nope", 404),
        (Method::POST, "/readyz", 405),
    ] {
        let response = request(&health, method, path).await;
        assert_eq!(response.code, code);
        let mut expected = vec![
            ("cache-control".to_owned(), "no-store".to_owned()),
            ("content-type".to_owned(), "application/json".to_owned()),
            ("vary".to_owned(), "Accept".to_owned()),
            ("x-content-type-options".to_owned(), "nosniff".to_owned()),
        ];
        if code == 405 {
            expected.insert(0, ("allow".to_owned(), "GET, HEAD, OPTIONS".to_owned()));
        }
        assert_eq!(response.headers, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn h2_head_and_options_equal_get() {
    let health = health([up(Kind::Readiness, "a")]);
    let got = request(&health, Method::GET, "/readyz").await;
    assert_eq!(request(&health, Method::OPTIONS, "/readyz").await, got);
    let head = request(&health, Method::HEAD, "/readyz").await;
    assert_eq!((head.code, &head.headers, head.body.as_str()), (200, &got.headers, ""));
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE, Method::CONNECT] {
        let response = request(&health, method, "/readyz").await;
        assert_eq!((response.code, response.body.as_str()), (405, r#"{"error":"method not allowed"}"#));
    }
}

#[tokio::test(start_paused = true)]
async fn h4_an_unknown_path_below_an_endpoint_runs_nothing() {
    let runs = Runs::default();
    let counted = runs.clone();
    let check = Check::readiness("database", move || {
        let runs = counted.clone();
        async move { runs.run_for(Duration::ZERO).await }
    });
    let health = health([check]);
    let missing = (404, r#"{"error":"not found"}"#.to_owned());
    for path in [
        "/readyz/nope",
        "/readyz/Database",
        "/readyz/data",
        "/readyz/database/",
        "/readyz/database/x",
        "/readyz//",
        "/readyz//database",
        "/livez/database",
        "/startupz/database",
        "/health/nope",
    ] {
        assert_eq!(get(&health, path).await, missing, "{path}");
    }
    assert_eq!(runs.started(), 0);
    for path in ["/readyz/database", "/health/database", "/healthz/database", "/readyz/%64atabase"] {
        assert_eq!(get(&health, path).await.0, 200, "{path}");
    }
    assert_eq!(runs.started(), 1);
}

#[tokio::test(start_paused = true)]
async fn h5_a_healthy_body_equals_the_documented_one() {
    let health = builder([
        Check::readiness("database", || tokio::time::sleep(Duration::from_millis(2))),
        Check::readiness("disk", || async {
            tokio::time::sleep(Duration::from_micros(1)).await;
            Outcome::up().with("free_gb", 42.5)
        }),
        Check::readiness("redis", || tokio::time::sleep(Duration::from_millis(1))),
    ])
    .version("1.4.2")
    .start()
    .unwrap();
    tokio::time::advance(Duration::from_hours(24)).await;
    // tokio's timers count whole milliseconds.
    let expected = concat!(
        r#"{"status":"healthy","checks":{"database":{"status":"up","latency_ms":2},"#,
        r#""disk":{"status":"up","latency_ms":1,"free_gb":42.5},"redis":{"status":"up","latency_ms":1}},"#,
        r#""version":"1.4.2","uptime_seconds":86400}"#
    );
    assert_eq!(get(&health, "/readyz").await, (200, expected.to_owned()));
}

#[tokio::test(start_paused = true)]
async fn h5_an_unhealthy_body_equals_the_documented_one() {
    let health = builder([
        Check::readiness("database", || async {
            tokio::time::sleep(Duration::from_millis(3)).await;
            Err::<(), _>(std::io::Error::from(std::io::ErrorKind::ConnectionRefused))
        }),
        Check::readiness("redis", || tokio::time::sleep(Duration::from_millis(1))),
    ])
    .version("1.4.2")
    .start()
    .unwrap();
    tokio::time::advance(Duration::from_secs(86_401)).await;
    let expected = concat!(
        r#"{"status":"unhealthy","checks":{"database":{"status":"down","latency_ms":3,"error":"connection refused"},"#,
        r#""redis":{"status":"up","latency_ms":1}},"version":"1.4.2","uptime_seconds":86401}"#
    );
    assert_eq!(get(&health, "/readyz").await, (503, expected.to_owned()));
}

async fn teapot() -> impl Responder {
    HttpResponse::ImATeapot().finish()
}

#[tokio::test(start_paused = true)]
async fn endpoint_paths_match_exactly_and_others_fall_through() {
    let health = health([up(Kind::Readiness, "a")]);
    let app = test::init_service(App::new().service(health.service()).default_service(web::to(teapot))).await;
    for (path, code) in [
        ("/readyz", 200),
        ("/readyz/", 200),
        ("/ready%7a", 200),
        ("/readyz?x=1", 200),
        ("/READYZ", 418),
        ("//readyz", 418),
        ("/readyzz", 418),
        ("/ready", 418),
        ("/", 418),
        ("/healthy", 418),
    ] {
        let response = test::call_service(&app, test::TestRequest::with_uri(path).to_request()).await;
        assert_eq!(response.status().as_u16(), code, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_custom_path_replaces_the_default() {
    let health = health([up(Kind::Readiness, "live"), up(Kind::Liveness, "loop")]);
    let service = health.service().prefix("internal/").path(Kind::Liveness, "/health/live").path(Scope::All, "health");
    let app = test::init_service(App::new().service(service)).await;
    for (path, code, part) in [
        ("/internal/health/live", 200, r#""checks":{"loop":"#),
        ("/internal/health/live/loop", 200, r#""checks":{"loop":"#),
        ("/internal/health/live/live", 404, "not found"),
        ("/internal/health/loop", 200, r#""checks":{"loop":"#),
        ("/internal/health", 200, r#""checks":{"live":"#),
        ("/internal/readyz", 200, r#""checks":{"live":"#),
        ("/internal/livez", 404, ""),
        ("/internal/healthz", 404, ""),
        ("/readyz", 404, ""),
    ] {
        let response = test::call_service(&app, test::TestRequest::with_uri(path).to_request()).await;
        assert_eq!(response.status().as_u16(), code, "{path}");
        let body = String::from_utf8(test::read_body(response).await.to_vec()).unwrap();
        assert!(body.contains(part), "{path}: {body}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_added_path_leaves_the_others() {
    let health = health([up(Kind::Liveness, "loop"), down(Kind::Readiness, "orders")]);
    let service = health.service().prefix("/internal").also_at(Kind::Readiness, "/healthz").also_at(Kind::Readiness, "up/");
    let app = test::init_service(App::new().service(service)).await;
    for (path, code, part) in [
        ("/internal/readyz", 503, r#""checks":{"orders":"#),
        ("/internal/healthz", 503, r#""checks":{"orders":"#),
        ("/internal/healthz/orders", 503, r#""checks":{"orders":"#),
        ("/internal/healthz/loop", 404, "not found"),
        ("/internal/up/?exclude=orders", 200, r#""checks":{}"#),
        ("/internal/livez", 200, r#""checks":{"loop":"#),
        ("/internal/health", 503, r#""checks":{"loop":"#),
        ("/healthz", 404, ""),
    ] {
        let response = test::call_service(&app, test::TestRequest::with_uri(path).to_request()).await;
        assert_eq!(response.status().as_u16(), code, "{path}");
        let body = String::from_utf8(test::read_body(response).await.to_vec()).unwrap();
        assert!(body.contains(part), "{path}: {body}");
    }

    let conflict = health.service().also_at(Kind::Liveness, "/readyz");
    let app = test::init_service(App::new().service(conflict)).await;
    let response = test::call_service(&app, test::TestRequest::with_uri("/readyz").to_request()).await;
    assert_eq!(response.status(), 503);
    let error = r#"{"error":"`/readyz` is configured for both liveness and readiness"}"#;
    assert_eq!(test::read_body(response).await, error, "a readiness probe must not get the state of liveness");
}

#[tokio::test(start_paused = true)]
async fn the_service_mounts_inside_a_scope() {
    let health = health([up(Kind::Readiness, "a")]);
    let app = test::init_service(App::new().service(web::scope("/internal").service(health.service()))).await;
    for (path, code) in [("/internal/readyz", 200), ("/internal/readyz/a", 200), ("/internal/readyz/b", 404), ("/readyz", 404)] {
        let response = test::call_service(&app, test::TestRequest::with_uri(path).to_request()).await;
        assert_eq!(response.status().as_u16(), code, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_path_for_two_scopes_is_a_503_that_names_them() {
    let health = health([up(Kind::Liveness, "l"), down(Kind::Readiness, "r")]);
    let service = health.service().prefix("/internal").path(Kind::Liveness, "/health/x").path(Kind::Readiness, "health/x/");
    let app = test::init_service(App::new().service(service)).await;
    let mistake = r#"{"error":"`/internal/health/x` is configured for both liveness and readiness"}"#;
    for (path, code, expected) in [
        ("/internal/health/x", 503, mistake),
        ("/internal/health/x/r?verbose", 503, mistake),
        ("/internal/livez", 404, ""),
        ("/internal/startupz", 200, r#"{"status":"healthy","checks":{},"uptime_seconds":0}"#),
    ] {
        let response = test::call_service(&app, test::TestRequest::with_uri(path).to_request()).await;
        assert_eq!(response.status(), code, "{path}");
        assert_eq!(test::read_body(response).await, expected, "{path}");
    }
}
