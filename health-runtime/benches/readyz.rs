//! Compares `GET /readyz` with five and with a hundred fresh checks to a hand-written route that returns a constant with the same
//! headers, counts the other probes with a hundred fresh checks, and what the application's requests pay for the endpoints and the
//! middleware.
//!
//! Each is alone in its app and gets its requests through actix's test service.

#![expect(missing_docs, unused_qualifications, reason = "gungraun's macros make items that are public and name them in full")]
#![expect(clippy::expect_used, reason = "a bench that cannot be set up has nothing to say")]

#[path = "support/bare_middleware.rs"]
mod bare_middleware;
#[path = "support/requests.rs"]
mod requests;

use std::hint::black_box;

use actix_web::{App, web};
use gungraun::prelude::*;
use gungraun::{Callgrind, Dhat};

use bare_middleware::BareMiddleware;
use requests::{
    Client, PATH, REQUESTS, by_hand, client, client_of, health, own, own_of, request_to, tuned_answer, tuned_by_hand, uri,
};

/// The `Accept` of Firefox.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

fn hundred_names() -> impl Iterator<Item = String> {
    (0..100).map(|index| format!("check-{index:02}"))
}

/// On a paused clock, because a response is prepared again each second.
fn of_hundred(path: &str, accept: Option<&'static str>) -> Client {
    client_of(path, accept, || {
        tokio::time::pause();
        App::new().service(health(hundred_names()).service())
    })
}

fn without_health() -> Client {
    client(|| App::new().route(PATH, web::get().to(tuned_answer)))
}

fn in_middleware() -> Client {
    client(|| App::new().route(PATH, web::get().to(tuned_answer)).wrap(health([]).middleware()))
}

fn in_bare_middleware() -> Client {
    client(|| App::new().route(PATH, web::get().to(tuned_answer)).wrap(BareMiddleware::default()))
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
#[bench::own_of_100(own_of(hundred_names()))]
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
#[bench::page(of_hundred("/readyz?format=html&exclude=other", None))]
fn of_100(client: Client) -> Client {
    client(REQUESTS);
    client
}

#[library_benchmark]
#[bench::alone(without_health())]
#[bench::in_middleware(in_middleware())]
#[bench::in_bare_middleware(in_bare_middleware())]
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
#[bench::page(uri("/readyz?format=html&exclude=other"), None)]
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
