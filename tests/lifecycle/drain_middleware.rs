//! The drain middleware: it counts requests in flight and closes connections while the process drains.

use std::cell::RefCell;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::{StatusCode, Version, header};
use actix_web::middleware::{Next, from_fn};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::{self, Bytes};
use actix_web::{App, Error, HttpRequest, HttpResponse, error};
use futures_util::{FutureExt, StreamExt, stream};
use health_runtime::{Check, Expose, Health, Kind};
use tokio::time::sleep;

use health_tests::checks::{builder, health, up};

/// Returns the number of requests in flight that `?verbose` shows.
async fn in_flight(health: &Health) -> Option<u64> {
    let (_, text) = health_tests::probe::get(health, "/livez?verbose").await;
    serde_json::from_str::<serde_json::Value>(&text).unwrap().get("in_flight").map(|count| count.as_u64().unwrap())
}

/// Creates an application with the middleware outermost.
macro_rules! app {
    ($health:expr) => {
        init_service(
            App::new()
                .service($health.service())
                .route("/quick", web::get().to(|| async { "quick" }))
                .route("/empty", web::get().to(HttpResponse::NoContent))
                .route("/slow", web::get().to(|| sleep(Duration::from_secs(5)).map(|()| "slow")))
                .route("/panic", web::get().to(|| async { panicking() }))
                .route("/stream", web::get().to(streamed))
                .route("/keeps", web::get().to(keeps))
                .wrap(from_fn(refuse))
                .wrap($health.middleware()),
        )
        .await
    };
}

fn panicking() -> HttpResponse {
    panic!("hunter2")
}

/// Rejects a request before the application, with an error that becomes the response outside of every middleware.
async fn refuse(
    req: actix_web::dev::ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if req.path() == "/refused" { Err(error::ErrorUnauthorized("who are you?")) } else { next.call(req).await }
}

async fn streamed() -> HttpResponse {
    let pieces = stream::iter(["a", "b"]).then(|piece| async move {
        sleep(Duration::from_secs(1)).await;
        Ok::<_, Error>(Bytes::from_static(piece.as_bytes()))
    });
    HttpResponse::Ok().streaming(pieces)
}

thread_local! {
    static KEPT: RefCell<Vec<HttpRequest>> = RefCell::default();
}

/// Keeps the request for longer than it lasts.
async fn keeps(req: HttpRequest) -> &'static str {
    KEPT.with_borrow_mut(|kept| kept.push(req));
    "kept"
}

fn get(path: &str) -> actix_http::Request {
    TestRequest::with_uri(path).to_request()
}

#[tokio::test(start_paused = true)]
async fn a_request_counts_until_its_body_is_dropped() {
    let health = health([]);
    assert_eq!(in_flight(&health).await, None, "no middleware counts");
    let app = app!(health);
    assert_eq!(in_flight(&health).await, Some(0));
    for path in ["/quick", "/keeps", "/nowhere"] {
        let response = call_service(&app, get(path)).await;
        assert_eq!(in_flight(&health).await, Some(1), "{path}: the body is not sent yet");
        drop(response);
        assert_eq!(in_flight(&health).await, Some(0), "{path}: dropped with the response");
        read_body(call_service(&app, get(path)).await).await;
        assert_eq!(in_flight(&health).await, Some(0), "{path}: read to its end");
    }
    assert_eq!(call_service(&app, get("/empty")).await.into_body().size(), BodySize::Sized(0));
    assert_eq!(in_flight(&health).await, Some(0));

    let mut slow: Vec<_> = (0..3).map(|_| Box::pin(call_service(&app, get("/slow")))).collect();
    for call in &mut slow {
        assert!(call.now_or_never().is_none());
    }
    assert_eq!(in_flight(&health).await, Some(3));
    drop(slow.pop());
    assert_eq!(in_flight(&health).await, Some(2), "the client of one has gone");
    drop(futures_util::future::join_all(slow).await);
    assert_eq!(in_flight(&health).await, Some(0));

    let response = call_service(&app, get("/stream")).await;
    let mut body = std::pin::pin!(response.into_body());
    let first = std::future::poll_fn(|cx| body.as_mut().poll_next(cx)).await;
    assert_eq!(first.unwrap().unwrap(), "a");
    assert_eq!(in_flight(&health).await, Some(1), "half of it is sent");
}

#[tokio::test(start_paused = true)]
async fn a_panic_and_an_error_end_their_request() {
    health_tests::panics::expect("hunter2");
    let health = health([]);
    let app = app!(health);
    let panicked = AssertUnwindSafe(app.call(get("/panic"))).catch_unwind().await;
    assert!(panicked.is_err());
    assert_eq!(in_flight(&health).await, Some(0));
    assert!(app.call(get("/refused")).await.is_err());
    assert_eq!(in_flight(&health).await, Some(0));
}

#[tokio::test(start_paused = true)]
async fn probes_are_not_in_flight() {
    let slow = Check::readiness("slow", || sleep(Duration::from_millis(500))).cache(Duration::ZERO);
    let health = health([slow]);
    let app = app!(health);
    let mut probe = Box::pin(call_service(&app, get("/readyz")));
    assert!((&mut probe).now_or_never().is_none(), "it waits for the check");
    assert_eq!(in_flight(&health).await, Some(0));
    let response = probe.await;
    assert_eq!(in_flight(&health).await, Some(0));
    drop(response);
    for path in ["/readyz/slow?verbose", "/health?verbose", "/livez?verbose"] {
        let body = read_body(call_service(&app, get(path)).await).await;
        assert!(body.ends_with(br#","in_flight":0}"#), "{path}: {body:?}");
    }
    for path in ["/readyz/nope", "/livez"] {
        let _answer = call_service(&app, get(path)).await;
        assert_eq!(in_flight(&health).await, Some(0), "{path}");
    }
    let scrapes = init_service(App::new().service(health.metrics_service()).wrap(health.middleware())).await;
    let _answer = call_service(&scrapes, get("/metrics")).await;
    assert_eq!(in_flight(&health).await, Some(0));
}

#[tokio::test(start_paused = true)]
async fn a_cached_response_does_not_keep_an_old_count() {
    let health = health([up(Kind::Readiness, "a")]);
    let app = app!(health);
    let count = async || {
        let body = read_body(call_service(&app, get("/readyz?verbose")).await).await;
        serde_json::from_slice::<serde_json::Value>(&body).unwrap()["in_flight"].as_u64()
    };
    assert_eq!((count().await, count().await), (Some(0), Some(0)));
    let mut slow = Box::pin(call_service(&app, get("/slow")));
    assert!((&mut slow).now_or_never().is_none());
    assert_eq!((count().await, count().await), (Some(1), Some(1)));
    drop(slow);
    assert_eq!(count().await, Some(0));
}

#[tokio::test(start_paused = true)]
async fn l7_two_drain_middlewares_count_independently() {
    let (a, b, c) = (health([]), health([]), health([]));
    let app = App::new().route("/", web::get().to(|| async { "x" }));
    let app = init_service(app.wrap(a.middleware()).wrap(a.middleware()).wrap(b.middleware())).await;
    let response = call_service(&app, get("/")).await;
    assert_eq!((in_flight(&a).await, in_flight(&b).await, in_flight(&c).await), (Some(1), Some(1), None));
    drop(response);
    assert_eq!((in_flight(&a).await, in_flight(&b).await), (Some(0), Some(0)));
}

#[tokio::test(start_paused = true)]
async fn only_verbose_json_shows_the_count() {
    let health = builder([up(Kind::Readiness, "a")]).version("1.4.2").start().unwrap();
    let _app = app!(health);
    let entry = r#""a":{"status":"up","latency_ms":0"#;
    for (path, expected) in [
        ("/livez", r#"{"status":"healthy","checks":{},"version":"1.4.2","uptime_seconds":0}"#.to_owned()),
        ("/livez?verbose", r#"{"status":"healthy","checks":{},"version":"1.4.2","uptime_seconds":0,"in_flight":0}"#.to_owned()),
        ("/readyz", format!(r#"{{"status":"healthy","checks":{{{entry}}}}},"version":"1.4.2","uptime_seconds":0}}"#)),
        ("/livez?verbose&format=text", "livez check passed\n".to_owned()),
        ("/livez?verbose&format=health%2Bjson", r#"{"status":"pass","version":"1.4.2","checks":{}}"#.to_owned()),
    ] {
        assert_eq!(health_tests::probe::get(&health, path).await, (200, expected), "{path}");
    }
    assert_eq!(
        serde_json::to_string(&*health.report(Kind::Liveness).await).unwrap(),
        r#"{"status":"healthy","checks":{},"version":"1.4.2","uptime_seconds":0}"#
    );
    let closed = init_service(App::new().service(health.service().expose(Expose::Status))).await;
    assert_eq!(read_body(call_service(&closed, get("/livez?verbose")).await).await, r#"{"status":"healthy"}"#);
}

#[tokio::test(start_paused = true)]
async fn draining_responses_close_their_connection() {
    let health = health([]);
    let app = app!(health);
    let closes = |response: &HttpResponse<_>| {
        let named = response.headers().get(header::CONNECTION).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(named.as_deref(), (!response.head().keep_alive()).then_some("close"));
        named.is_some()
    };
    let responses = [("/quick", 200), ("/empty", 204), ("/nowhere", 404), ("/livez", 200), ("/stream", 200)];
    for (path, code) in responses {
        let response = call_service(&app, get(path)).await;
        assert_eq!((response.status().as_u16(), closes(response.response())), (code, false), "{path}");
    }
    let begun_before = call_service(&app, get("/slow"));
    let refused = app.call(get("/refused")).await.err().unwrap().error_response();
    assert_eq!((refused.status(), refused.headers().get(header::CONNECTION)), (StatusCode::UNAUTHORIZED, None));

    health.drain();
    for (path, code) in responses {
        let response = call_service(&app, get(path)).await;
        assert_eq!((response.status().as_u16(), closes(response.response())), (code, true), "{path}");
    }
    assert!(closes(begun_before.await.response()), "sent during the drain");
    let refused = app.call(get("/refused")).await.err().unwrap();
    assert_eq!(refused.to_string(), "who are you?");
    assert_eq!(refused.as_response_error().status_code(), StatusCode::UNAUTHORIZED);
    let refused = refused.error_response();
    assert_eq!((refused.status(), refused.head().keep_alive()), (StatusCode::UNAUTHORIZED, false));
    assert_eq!(refused.headers().get(header::CONNECTION).unwrap(), "close");

    let request = TestRequest::with_uri("/quick").version(Version::HTTP_2).to_request();
    let response = call_service(&app, request).await;
    assert!(!closes(response.response()), "HTTP/2 has no such header");
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_keeps_its_connection_while_draining() {
    let health = health([]);
    let upgrade = || async { HttpResponse::SwitchingProtocols().upgrade("websocket").finish() };
    let app = init_service(App::new().route("/socket", web::get().to(upgrade)).wrap(health.middleware())).await;
    health.drain();
    let response = call_service(&app, get("/socket")).await;
    assert!(response.response().head().upgrade());
    assert_eq!(response.headers().get(header::CONNECTION), None);
}
