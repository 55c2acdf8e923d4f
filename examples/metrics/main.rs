//! The metrics of the checks and of the probes, for Prometheus.
//!
//! ```text
//! cargo run -p health-examples --bin metrics
//! curl http://127.0.0.1:8080/metrics
//! ```
//!
//! `examples/prometheus` has alert rules for them, and `examples/grafana` a dashboard. A scrape runs no check: with an `interval`
//! the checks run in the background, also without probes. `ADDR` (default `127.0.0.1:8080`) is the address of the server.

use std::env;
use std::error::Error;

use actix_web::{App, HttpServer};
use health_runtime::{Health, Outcome, health_check};

/// The queue has free capacity.
#[health_check(readiness, interval = "10s")]
fn queue() -> Outcome {
    Outcome::degraded("the queue is long")
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let health = Health::builder().start()?;
    let shutdown = health.shutdown();
    HttpServer::new(move || App::new().service(health.service()).service(health.metrics_service()))
        .shutdown_signal(shutdown)
        .bind(address)?
        .run()
        .await?;
    Ok(())
}
