//! Head and body of a response leave in one write, which is observed below the socket.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use futures_util::StreamExt;
use health_runtime::{Check, Health, HealthService, Outcome};
use health_tests::{http, recorder};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;

use super::conformance::responses::{ONE_OF_EACH, assert_common_headers, sick};

/// Returns the writes of actix-web and of hyper.
async fn writes(service: HealthService, request: &[u8]) -> [Vec<Vec<u8>>; 2] {
    let endpoints = service.clone();
    let actix = recorder::writes(
        move |config| {
            config.service(endpoints);
        },
        request,
    )
    .await;
    let service = TowerToHyperService::new(service.tower());
    let serve = |pipe| http1::Builder::new().serve_connection(TokioIo::new(pipe), service);
    [actix, recorder::record(request, serve).await]
}

#[actix_web::test]
async fn h1_head_and_body_are_sent_in_one_write() {
    let health = sick(&Arc::default());
    for (method, path, status) in ONE_OF_EACH.into_iter().chain([("HEAD", "/readyz", 503)]) {
        let request = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        for writes in writes(health.service(), request.as_bytes()).await {
            assert_eq!(writes.len(), 1, "{method} {path}: {writes:?}");
            let (response, length) = http::parse(&writes[0], method != "HEAD").unwrap().unwrap();
            assert_eq!((response.status, length), (status, writes[0].len()), "{method} {path}");
            assert_common_headers(&response);
        }
    }
}

#[actix_web::test]
async fn h1_the_page_is_sent_in_one_write() {
    let builder = (100..300).fold(Health::builder().linked_checks(false), |builder, i| {
        builder.check(Check::readiness(format!("check-{i}"), || async { Outcome::up() }))
    });
    let request = b"GET /readyz HTTP/1.1\r\nHost: test\r\nAccept: text/html\r\nConnection: close\r\n\r\n";
    for writes in writes(builder.start().unwrap().service(), request).await {
        assert_eq!(writes.len(), 1, "{}", writes.len());
        let (response, length) = http::parse(&writes[0], true).unwrap().unwrap();
        assert_eq!((response.status, length), (200, writes[0].len()));
        assert!(length > 200_000 && response.text().ends_with("</html>"), "{length} bytes");
    }
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
