//! Compares `GET /readyz` with five fresh checks on axum to a hand-written route that returns a constant with the same headers.
//!
//! Each is alone in its router and gets its requests without a server.

#![expect(missing_docs, reason = "gungraun's macros make items that are public")]
#![expect(clippy::expect_used, reason = "a bench that cannot be set up has nothing to say")]

use std::cell::RefCell;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Request};
use axum::routing::get;
use gungraun::prelude::*;
use gungraun::{Callgrind, Dhat};
use health_runtime::{Check, Health, HealthBuilder};
use tokio::runtime;
use tower_service::Service;

/// Requests per measurement: enough to make the cost of starting a measurement negligible.
const REQUESTS: u32 = 100;

const PATH: &str = "/readyz";

const BODY: &str = r#"{"status":"healthy","checks":{"a":{"status":"up","latency_ms":0},"b":{"status":"up","latency_ms":0},"c":{"status":"up","latency_ms":0},"d":{"status":"up","latency_ms":0},"e":{"status":"up","latency_ms":0}},"uptime_seconds":0}"#;

/// Sends this many requests.
type Client = Box<dyn Fn(u32)>;

/// Creates a client of a router that has already answered some requests.
fn client(router: impl FnOnce() -> Router) -> Client {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let router = RefCell::new(runtime.block_on(async { router() }));
    let client = move |requests| {
        runtime.block_on(async {
            for _ in 0..requests {
                let request = Request::get(PATH).body(Body::empty()).expect("a request");
                let response = router.borrow_mut().call(request);
                assert_eq!(response.await.expect("a response").status(), 200);
            }
        });
    };
    client(3);
    Box::new(client)
}

/// The usual hand-written route.
fn by_hand() -> Client {
    let headers =
        [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store"), (X_CONTENT_TYPE_OPTIONS, "nosniff"), (VARY, "Accept")];
    client(|| Router::new().route(PATH, get(async move || (headers, BODY))))
}

/// A hand-written route with header constants, which are not validated and copied for each response.
fn tuned_by_hand() -> Client {
    let constant = HeaderValue::from_static;
    let headers = move || {
        [
            (CONTENT_TYPE, constant("application/json")),
            (CACHE_CONTROL, constant("no-store")),
            (X_CONTENT_TYPE_OPTIONS, constant("nosniff")),
            (VARY, constant("Accept")),
        ]
    };
    client(|| Router::new().route(PATH, get(async move || (headers(), BODY))))
}

/// On a paused clock, because a response is prepared again each second.
fn own() -> Client {
    let check = |name| Check::readiness(name, || async {}).cache(Duration::from_secs(3600));
    let builder = ["a", "b", "c", "d", "e"].map(check).into_iter();
    let builder = builder.fold(Health::builder().linked_checks(false), HealthBuilder::check);
    client(|| {
        tokio::time::pause();
        builder.start().expect("nothing is wrong with these checks").service().router()
    })
}

#[library_benchmark]
#[bench::by_hand(by_hand())]
#[bench::tuned_by_hand(tuned_by_hand())]
#[bench::own(own())]
fn get_readyz_on_axum(client: Client) -> Client {
    client(REQUESTS);
    client
}

library_benchmark_group!(name = axum_readyz, benchmarks = [get_readyz_on_axum]);

main!(
    config = LibraryBenchmarkConfig::default().tool(Callgrind::default()).tool(Dhat::with_args(["--num-callers=200"])),
    library_benchmark_groups = axum_readyz
);
