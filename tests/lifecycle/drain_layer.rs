//! The drain layer: what the drain middleware does for actix-web, for axum.

use std::future::{Ready, ready};
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::routing::get;
use futures_util::{FutureExt, StreamExt, stream};
use health_runtime::{Check, Health, Kind};
use health_tests::checks::{health, up};
use http::{HeaderValue, Method, Request, Response, StatusCode, Version, header};
use http_body_util::BodyExt;
use tokio::time::sleep;
use tower_layer::Layer;
use tower_service::Service;

/// Returns the number of requests in flight that `?verbose` shows.
async fn in_flight(health: &Health) -> Option<u64> {
    let (_, text) = health_tests::probe::get(health, "/livez?verbose").await;
    serde_json::from_str::<serde_json::Value>(&text).unwrap().get("in_flight").map(|count| count.as_u64().unwrap())
}

/// Creates an application with the layer outermost.
fn app(health: &Health) -> Router {
    Router::new()
        .merge(health.service().metrics("/metrics").router())
        .route("/quick", get(async || "quick"))
        .route("/empty", get(async || StatusCode::NO_CONTENT))
        .route("/slow", get(async || sleep(Duration::from_secs(5)).map(|()| "slow").await))
        .route("/panic", get(async || panicking()))
        .route("/stream", get(streamed))
        .layer(health.layer())
}

fn panicking() -> StatusCode {
    panic!("hunter2")
}

async fn streamed() -> Body {
    Body::from_stream(stream::iter(["a", "b"]).then(|piece| async move {
        sleep(Duration::from_secs(1)).await;
        Ok::<_, std::io::Error>(piece)
    }))
}

fn call(app: &Router, path: &str) -> impl Future<Output = Response<Body>> + use<> {
    let request = Request::get(path).body(Body::empty()).unwrap();
    app.clone().call(request).map(Result::unwrap)
}

async fn read(response: Response<Body>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_request_counts_until_its_body_is_dropped() {
    let health = health([]);
    assert_eq!(in_flight(&health).await, None, "no layer counts");
    let app = app(&health);
    assert_eq!(in_flight(&health).await, Some(0));
    for path in ["/quick", "/empty", "/nowhere"] {
        let response = call(&app, path).await;
        assert_eq!(in_flight(&health).await, Some(1), "{path}: the body is not sent yet");
        drop(response);
        assert_eq!(in_flight(&health).await, Some(0), "{path}: dropped with the response");
        read(call(&app, path).await).await;
        assert_eq!(in_flight(&health).await, Some(0), "{path}: read to its end");
    }
    let response = call(&app, "/quick").await;
    assert_eq!((response.body().size_hint().exact(), response.body().is_end_stream()), (Some(5), false));

    let mut slow: Vec<_> = (0..3).map(|_| Box::pin(call(&app, "/slow"))).collect();
    drop(response);
    for call in &mut slow {
        assert!(call.now_or_never().is_none());
    }
    assert_eq!(in_flight(&health).await, Some(3));
    drop(slow.pop());
    assert_eq!(in_flight(&health).await, Some(2), "the client of one has gone");
    drop(futures_util::future::join_all(slow).await);
    assert_eq!(in_flight(&health).await, Some(0));

    let mut body = pin!(call(&app, "/stream").await.into_body());
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "a");
    assert_eq!(in_flight(&health).await, Some(1), "half of it is sent");
}

#[tokio::test(start_paused = true)]
async fn a_panic_ends_its_request() {
    health_tests::panics::expect("hunter2");
    let health = health([]);
    let app = app(&health);
    assert!(AssertUnwindSafe(call(&app, "/panic")).catch_unwind().await.is_err());
    assert_eq!(in_flight(&health).await, Some(0));
}

#[tokio::test(start_paused = true)]
async fn probes_are_not_in_flight() {
    let slow = Check::readiness("slow", || sleep(Duration::from_millis(500))).cache(Duration::ZERO);
    let health = health([slow, up(Kind::Liveness, "x")]);
    let app = app(&health);
    let mut probe = Box::pin(call(&app, "/readyz"));
    assert!((&mut probe).now_or_never().is_none(), "it waits for the check");
    assert_eq!(in_flight(&health).await, Some(0));
    let response = probe.await;
    assert_eq!(in_flight(&health).await, Some(0));
    drop(response);
    for path in ["/readyz/slow?verbose", "/health?verbose", "/livez?verbose"] {
        let body = read(call(&app, path).await).await;
        assert!(body.ends_with(r#","in_flight":0}"#), "{path}: {body:?}");
    }
    for path in ["/readyz/nope", "/livez", "/metrics"] {
        let _response = call(&app, path).await;
        assert_eq!(in_flight(&health).await, Some(0), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn l7_two_drain_layers_count_independently() {
    let (a, b, c) = (health([]), health([]), health([]));
    let app: Router = Router::new().route("/", get(async || "x")).layer(a.layer()).layer(b.layer()).layer(a.layer());
    let response = call(&app, "/").await;
    assert_eq!((in_flight(&a).await, in_flight(&b).await, in_flight(&c).await), (Some(1), Some(1), None));
    drop(response);
    assert_eq!((in_flight(&a).await, in_flight(&b).await), (Some(0), Some(0)));
}

#[tokio::test(start_paused = true)]
async fn draining_responses_close_their_connection() {
    let health = health([]);
    let app = app(&health);
    let connection = |response: &Response<Body>| response.headers().get(header::CONNECTION).cloned();
    let responses = [("/quick", 200), ("/empty", 204), ("/nowhere", 404), ("/livez", 200), ("/stream", 200)];
    for (path, code) in responses {
        let response = call(&app, path).await;
        assert_eq!((response.status().as_u16(), connection(&response)), (code, None), "{path}");
    }
    let begun_before = call(&app, "/slow");
    health.drain();
    for (path, code) in responses {
        let response = call(&app, path).await;
        assert_eq!(
            (response.status().as_u16(), connection(&response)),
            (code, Some(HeaderValue::from_static("close"))),
            "{path}"
        );
    }
    assert_eq!(connection(&begun_before.await).unwrap(), "close", "sent during the drain");

    for (version, close) in
        [(Version::HTTP_10, true), (Version::HTTP_11, true), (Version::HTTP_2, false), (Version::HTTP_3, false)]
    {
        let request = Request::get("/quick").version(version).body(Body::empty()).unwrap();
        let response = app.clone().call(request).await.unwrap();
        assert_eq!(connection(&response).is_some(), close, "{version:?}");
    }
}

/// Responds with its status, or fails.
struct Fixed(Result<StatusCode, &'static str>);

impl Service<Request<()>> for Fixed {
    type Response = Response<String>;
    type Error = &'static str;
    type Future = Ready<Result<Response<String>, &'static str>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        let upgrade = |status| Response::builder().status(status).header(header::CONNECTION, "upgrade").body(String::new());
        ready(self.0.map(|status| upgrade(status).unwrap()))
    }
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_keeps_its_connection_while_draining() {
    let health = health([]);
    health.drain();
    for (method, status, connection) in [
        (Method::GET, StatusCode::SWITCHING_PROTOCOLS, "upgrade"),
        (Method::CONNECT, StatusCode::OK, "upgrade"),
        (Method::CONNECT, StatusCode::BAD_GATEWAY, "close"),
        (Method::GET, StatusCode::OK, "close"),
    ] {
        let mut service = health.layer().layer(Fixed(Ok(status)));
        let request = Request::builder().method(&method).uri("test:80").body(()).unwrap();
        let response = service.call(request).await.unwrap();
        assert_eq!(response.headers()[header::CONNECTION], connection, "{method} {status}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_service_ends_its_request() {
    let health = health([]);
    let failed = health.layer().layer(Fixed(Err("no"))).call(Request::new(())).await.err();
    assert_eq!((failed, in_flight(&health).await), (Some("no"), Some(0)));
}
