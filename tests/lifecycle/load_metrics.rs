//! The header `endpoint-load-metrics`, of the middleware for actix-web and of the layer for tower.

use std::time::Duration;

use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, web};
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use health_runtime::Health;
use http::Request;
use tokio::time::{advance, sleep};
use tower_service::Service;

use health_tests::checks::{builder, health};

const HEADER: &str = "endpoint-load-metrics";

macro_rules! actix {
    ($health:expr, $middleware:expr) => {
        init_service(
            App::new()
                .service($health.service())
                .route("/quick", web::get().to(|| async { "quick" }))
                .route(
                    "/slow",
                    web::get().to(|| async {
                        sleep(Duration::from_secs(3)).await;
                        "slow"
                    }),
                )
                .wrap($middleware),
        )
        .await
    };
}

macro_rules! header {
    ($app:expr, $path:expr) => {
        call_service(&$app, TestRequest::with_uri($path).to_request())
            .await
            .headers()
            .get(HEADER)
            .map(|value| value.to_str().unwrap().to_owned())
    };
}

#[tokio::test(start_paused = true)]
async fn the_middleware_sends_the_load_of_the_application() {
    let health = health([]);
    let app = actix!(health, health.middleware().endpoint_load_metrics(true));
    let in_flight = |count| Some(format!("TEXT named_metrics.in_flight={count}"));
    assert_eq!(header!(app, "/quick"), in_flight(1));
    assert_eq!(header!(app, "/nowhere"), in_flight(1));
    let both = async {
        let slow = async { header!(app, "/slow") };
        let quick = async {
            sleep(Duration::from_secs(1)).await;
            header!(app, "/quick")
        };
        tokio::join!(slow, quick)
    };
    assert_eq!(both.await, (in_flight(1), in_flight(2)));
    for path in ["/livez", "/readyz/nope", "/health?verbose"] {
        assert_eq!(header!(app, path), None, "{path}: a probe is no load");
    }
    advance(Duration::from_secs(10)).await;
    assert_eq!(header!(app, "/quick").as_deref(), Some("TEXT named_metrics.in_flight=1,rps_fractional=0.4"));
    advance(Duration::from_mins(1)).await;
    assert_eq!(header!(app, "/quick"), in_flight(1), "an idle minute");
}

#[tokio::test(start_paused = true)]
async fn the_middleware_sends_the_lag_of_watched_workers() {
    let health = builder([]).watch_workers(Duration::from_secs(4)).start().unwrap();
    let app = actix!(health, health.middleware().endpoint_load_metrics(true));
    sleep(Duration::from_millis(2_250)).await;
    let expected = "TEXT named_metrics.in_flight=1,named_metrics.worker_lag_seconds=0.25";
    assert_eq!(header!(app, "/quick").as_deref(), Some(expected));
}

#[tokio::test(start_paused = true)]
async fn the_layer_sends_the_load_of_the_application() {
    let health = health([]);
    let app =
        |layer| -> Router { Router::new().merge(health.service().router()).route("/quick", get(async || "quick")).layer(layer) };
    let header = async |app: &Router, path: &str| {
        let response = app.clone().call(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        response.headers().get(HEADER).map(|value| value.to_str().unwrap().to_owned())
    };
    let with_load = app(health.layer().endpoint_load_metrics(true));
    for _ in 0..2 {
        assert_eq!(header(&with_load, "/quick").await.as_deref(), Some("TEXT named_metrics.in_flight=1"));
    }
    assert_eq!(header(&with_load, "/livez").await, None);
    advance(Duration::from_secs(10)).await;
    let expected = "TEXT named_metrics.in_flight=1,rps_fractional=0.2";
    assert_eq!(header(&with_load, "/quick").await.as_deref(), Some(expected));
    assert_eq!(header(&app(health.layer()), "/quick").await, None);
}

#[tokio::test(start_paused = true)]
async fn it_is_off_by_default() {
    let health: Health = health([]);
    let off = actix!(health, health.middleware());
    assert_eq!(header!(off, "/quick"), None);
    let off_again = actix!(health, health.middleware().endpoint_load_metrics(true).endpoint_load_metrics(false));
    assert_eq!(header!(off_again, "/quick"), None);
}
