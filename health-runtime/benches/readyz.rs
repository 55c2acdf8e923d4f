//! Compares `GET /readyz` with five fresh checks to a hand-written route that returns a constant with the same headers.
//!
//! Each is alone in its app and gets its requests through actix's test service.

#![expect(missing_docs, unused_qualifications, reason = "gungraun's macros make items that are public and name them in full")]
#![expect(clippy::expect_used, reason = "a bench that cannot be set up has nothing to say")]

use std::hint::black_box;
use std::time::Duration;

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

/// Creates a client of an app that has already answered some requests.
fn client<T>(app: impl FnOnce() -> App<T>) -> Client
where
    T: ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = Error, InitError = ()> + 'static,
{
    let system = System::new();
    let app = system.block_on(async { init_service(app()).await });
    let client = move |requests| {
        system.block_on(async {
            for _ in 0..requests {
                let answer = call_service(&app, TestRequest::with_uri(PATH).to_request()).await;
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

fn own() -> Client {
    client(|| {
        let check = |name| Check::readiness(name, || async {}).cache(Duration::from_secs(3600));
        let checks = ["a", "b", "c", "d", "e"].map(check);
        let builder = checks.into_iter().fold(Health::builder().linked_checks(false), HealthBuilder::check);
        let health = builder.start().expect("nothing is wrong with five checks");
        App::new().service(health.service())
    })
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
#[bench::alone()]
fn request() {
    for _ in 0..REQUESTS {
        black_box(TestRequest::with_uri(PATH).to_request());
    }
}

library_benchmark_group!(name = readyz, benchmarks = [request, get_readyz]);

main!(
    config = LibraryBenchmarkConfig::default().tool(Callgrind::default()).tool(Dhat::with_args(["--num-callers=200"])),
    library_benchmark_groups = readyz
);
