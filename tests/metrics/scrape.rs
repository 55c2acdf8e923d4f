//! Scrapes of a health, and requests to its metrics.

use std::future::{pending, ready};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::dev::ServiceResponse;
use actix_web::http::header;
use actix_web::{App, test};
use health_runtime::{Check, Health, Outcome};
use health_tests::checks::{health, panics};
use health_tests::probe::Response;
use health_tests::{installed, workspace};
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

/// Returns a health with a check for each result of a run, except a stopped runtime. `runs` counts the started runs.
pub(crate) fn one_of_each(runs: &Arc<AtomicUsize>) -> Health {
    let counted = |outcome: fn() -> Outcome| {
        let runs = Arc::clone(runs);
        move || {
            runs.fetch_add(1, Ordering::SeqCst);
            ready(outcome())
        }
    };
    let slow = || async {
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    health([
        Check::readiness("broken", counted(|| Outcome::down("out of order"))).critical(false),
        Check::readiness("database", slow),
        Check::readiness("hung", pending::<()>).critical(false),
        Check::readiness("limping", counted(|| Outcome::degraded("slow disk"))),
        Check::readiness("panicking", panics).critical(false),
        Check::liveness("turning", counted(Outcome::up)),
    ])
}

/// Returns the OpenMetrics exposition of a registry with only this health.
pub(crate) fn scrape(health: &Health) -> String {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(health.collector()));
    let mut text = String::new();
    encode(&mut text, &registry).unwrap();
    text
}

/// Returns the value of one series.
pub(crate) fn value(text: &str, series: &str) -> Option<f64> {
    let mut found = text.lines().filter_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    let value = found.next().map(|value| value.parse().unwrap());
    assert!(found.next().is_none(), "`{series}` is there twice:\n{text}");
    value
}

/// Sends one request to the endpoints and `/metrics`.
pub(crate) async fn call(health: &Health, request: test::TestRequest) -> ServiceResponse {
    let app = test::init_service(App::new().service(health.service()).service(health.metrics_service())).await;
    test::call_service(&app, request.to_request()).await
}

pub(crate) async fn get(health: &Health, path: &str) -> (u16, String) {
    let response = Response::read(call(health, test::TestRequest::with_uri(path)).await).await;
    (response.code, response.body)
}

pub(crate) fn content_type(response: &ServiceResponse) -> &str {
    response.headers().get(header::CONTENT_TYPE).unwrap().to_str().unwrap()
}

/// Returns the path of a file of the Prometheus example.
pub(crate) fn example(name: &str) -> PathBuf {
    workspace::root().join("examples/prometheus").join(name)
}

/// Returns the command of a Prometheus program.
pub(crate) fn tool(name: &str) -> Command {
    installed::program(name, "Prometheus", "prometheus")
}
