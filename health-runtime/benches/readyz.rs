//! Compares `GET /readyz` with five fresh checks to a hand-written route that returns a constant with the same headers, counts
//! the other probes with a hundred fresh checks, and what the application's requests pay for the endpoints and the middleware.
//!
//! Each is alone in its app and gets its requests through actix's test service.

#![expect(missing_docs, unused_qualifications, reason = "gungraun's macros make items that are public and name them in full")]
#![expect(clippy::expect_used, reason = "a bench that cannot be set up has nothing to say")]

use std::hint::black_box;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::rt::System;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, Error, HttpResponse, web};
use gungraun::prelude::*;
use gungraun::{Callgrind, Dhat};
use health_runtime::{Check, Health, HealthBuilder};

/// Requests per measurement: enough to make the cost of starting a measurement negligible.
const REQUESTS: u32 = 100;

const PATH: &str = "/readyz";

const BODY: &str = r#"{"status":"healthy","checks":{"a":{"status":"up","latency_ms":0},"b":{"status":"up","latency_ms":0},"c":{"status":"up","latency_ms":0},"d":{"status":"up","latency_ms":0},"e":{"status":"up","latency_ms":0}},"uptime_seconds":0}"#;

/// Sends this many requests.
type Client = Box<dyn Fn(u32)>;

/// The `Accept` of Firefox.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

/// Returns the path, or one with a value of many names for `?exclude=`.
fn uri(path: &str) -> String {
    match path.split_once('*') {
        Some((path, count)) => format!("{path}&exclude={}", "name&exclude=".repeat(count.parse().unwrap_or(0))),
        None => path.to_owned(),
    }
}

fn request_to(uri: &str, accept: Option<&str>) -> TestRequest {
    let request = TestRequest::with_uri(uri);
    if let Some(accept) = accept { request.insert_header((header::ACCEPT, accept)) } else { request }
}

/// Creates a client of an app that has already answered some requests to [`PATH`].
fn client<T, B>(app: impl FnOnce() -> App<T>) -> Client
where
    T: ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<B>, Error = Error, InitError = ()> + 'static,
    B: MessageBody + 'static,
{
    client_of(PATH, None, app)
}

fn client_of<T, B>(path: &str, accept: Option<&'static str>, app: impl FnOnce() -> App<T>) -> Client
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
async fn tuned_answer() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, HeaderValue::from_static("application/json")))
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .insert_header((header::VARY, HeaderValue::from_static("Accept")))
        .body(BODY)
}

fn by_hand() -> Client {
    client(|| App::new().route(PATH, web::get().to(answer)))
}

fn tuned_by_hand() -> Client {
    client(|| App::new().route(PATH, web::get().to(tuned_answer)))
}

fn health(names: impl IntoIterator<Item = String>) -> Health {
    let check = |name| Check::readiness(name, || async {}).cache(Duration::from_secs(3600));
    let builder = names.into_iter().map(check).fold(Health::builder().linked_checks(false), HealthBuilder::check);
    builder.start().expect("nothing is wrong with these checks")
}

fn own() -> Client {
    client(|| App::new().service(health(["a", "b", "c", "d", "e"].map(ToOwned::to_owned)).service()))
}

/// On a paused clock, because a response is prepared again each second.
fn of_hundred(path: &str, accept: Option<&'static str>) -> Client {
    client_of(path, accept, || {
        tokio::time::pause();
        App::new().service(health((0..100).map(|index| format!("check-{index:02}"))).service())
    })
}

fn without_health() -> Client {
    client(|| App::new().route(PATH, web::get().to(tuned_answer)))
}

fn in_middleware() -> Client {
    client(|| App::new().route(PATH, web::get().to(tuned_answer)).wrap(health([]).middleware()))
}

fn behind_endpoints() -> Client {
    client(|| App::new().service(health([]).service().prefix("/internal")).route(PATH, web::get().to(tuned_answer)))
}

fn before_endpoints() -> Client {
    client(|| App::new().route(PATH, web::get().to(tuned_answer)).service(health([]).service().prefix("/internal")))
}

#[library_benchmark]
#[bench::by_hand(by_hand())]
#[bench::tuned_by_hand(tuned_by_hand())]
#[bench::own(own())]
fn get_readyz(client: Client) -> Client {
    client(REQUESTS);
    client
}

#[library_benchmark]
#[bench::readyz(of_hundred("/readyz", None))]
#[bench::json(of_hundred("/readyz?format=json", None))]
#[bench::text(of_hundred("/readyz?format=text", None))]
#[bench::verbose(of_hundred("/readyz?verbose", None))]
#[bench::check(of_hundred("/readyz/check-50", None))]
#[bench::browser(of_hundred("/readyz", Some(BROWSER)))]
#[bench::exclude(of_hundred("/readyz?x*4000", None))]
fn of_100(client: Client) -> Client {
    client(REQUESTS);
    client
}

#[library_benchmark]
#[bench::alone(without_health())]
#[bench::in_middleware(in_middleware())]
#[bench::behind_endpoints(behind_endpoints())]
#[bench::before_endpoints(before_endpoints())]
fn application(client: Client) -> Client {
    client(REQUESTS);
    client
}

#[library_benchmark]
#[bench::alone(uri(PATH), None)]
#[bench::readyz(uri("/readyz"), None)]
#[bench::json(uri("/readyz?format=json"), None)]
#[bench::text(uri("/readyz?format=text"), None)]
#[bench::verbose(uri("/readyz?verbose"), None)]
#[bench::check(uri("/readyz/check-50"), None)]
#[bench::browser(uri("/readyz"), Some(BROWSER))]
#[bench::exclude(uri("/readyz?x*4000"), None)]
fn request(uri: String, accept: Option<&str>) {
    for _ in 0..REQUESTS {
        black_box(request_to(&uri, accept).to_request());
    }
}

library_benchmark_group!(name = readyz, benchmarks = [request, get_readyz, of_100, application]);

main!(
    config = LibraryBenchmarkConfig::default().tool(Callgrind::default()).tool(Dhat::with_args(["--num-callers=200"])),
    library_benchmark_groups = readyz
);
