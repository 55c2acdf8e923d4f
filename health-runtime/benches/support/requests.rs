//! Requests to an app without a server: a client, the hand-written routes and the endpoints.

use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::rt::System;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, Error, HttpResponse, web};
use health_runtime::{Check, Health, HealthBuilder};

/// Requests per measurement: enough to make the cost of starting a measurement negligible.
pub(crate) const REQUESTS: u32 = 100;

pub(crate) const PATH: &str = "/readyz";

const BODY: &str = r#"{"status":"healthy","checks":{"a":{"status":"up","latency_ms":0},"b":{"status":"up","latency_ms":0},"c":{"status":"up","latency_ms":0},"d":{"status":"up","latency_ms":0},"e":{"status":"up","latency_ms":0}},"uptime_seconds":0}"#;

/// Sends this many requests.
pub(crate) type Client = Box<dyn Fn(u32)>;

/// Returns the path, or one with a value of many names for `?exclude=`.
pub(crate) fn uri(path: &str) -> String {
    match path.split_once('*') {
        Some((path, count)) => format!("{path}&exclude={}", "name&exclude=".repeat(count.parse().unwrap_or(0))),
        None => path.to_owned(),
    }
}

pub(crate) fn request_to(uri: &str, accept: Option<&str>) -> TestRequest {
    let request = TestRequest::with_uri(uri);
    if let Some(accept) = accept { request.insert_header((header::ACCEPT, accept)) } else { request }
}

/// Creates a client of an app that has already answered some requests to [`PATH`].
pub(crate) fn client<T, B>(app: impl FnOnce() -> App<T>) -> Client
where
    T: ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<B>, Error = Error, InitError = ()> + 'static,
    B: MessageBody + 'static,
{
    client_of(PATH, None, app)
}

pub(crate) fn client_of<T, B>(path: &str, accept: Option<&'static str>, app: impl FnOnce() -> App<T>) -> Client
where
    T: ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<B>, Error = Error, InitError = ()> + 'static,
    B: MessageBody + 'static,
{
    let (system, uri) = (System::new(), uri(path));
    let app = system.block_on(async { init_service(app()).await });
    let client = move |requests| {
        system.block_on(async {
            for _ in 0..requests {
                let answer = call_service(&app, request_to(&uri, accept).to_request()).await;
                assert_eq!(answer.status(), 200);
            }
        });
    };
    client(3);
    Box::new(client)
}

/// The usual hand-written route.
async fn answer() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::VARY, "Accept"))
        .body(BODY)
}

/// A hand-written route with header constants, which are not validated and copied for each response.
pub(crate) async fn tuned_answer() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, HeaderValue::from_static("application/json")))
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .insert_header((header::VARY, HeaderValue::from_static("Accept")))
        .body(BODY)
}

pub(crate) fn by_hand() -> Client {
    client(|| App::new().route(PATH, web::get().to(answer)))
}

pub(crate) fn tuned_by_hand() -> Client {
    client(|| App::new().route(PATH, web::get().to(tuned_answer)))
}

pub(crate) fn health(names: impl IntoIterator<Item = String>) -> Health {
    let check = |name| Check::readiness(name, || async {}).cache(Duration::from_secs(3600));
    let builder = names.into_iter().map(check).fold(Health::builder().linked_checks(false), HealthBuilder::check);
    builder.start().expect("nothing is wrong with these checks")
}

pub(crate) fn own() -> Client {
    own_of(["a", "b", "c", "d", "e"].map(ToOwned::to_owned))
}

/// On a paused clock, because a response is prepared again each second.
pub(crate) fn own_of(names: impl IntoIterator<Item = String>) -> Client {
    client(|| {
        tokio::time::pause();
        App::new().service(health(names).service())
    })
}
