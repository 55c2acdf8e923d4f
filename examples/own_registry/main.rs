//! The metrics of the checks alongside those of an application whose registry has a prefix.
//!
//! ```text
//! cargo run -p health-examples --bin own_registry
//! curl http://127.0.0.1:8080/metrics
//! ```
//!
//! A registry with a prefix would rename `health_status` to `shop_health_status`, which no rule of `examples/prometheus` and no panel
//! of `examples/grafana` matches. So the collector has a registry without a prefix, and one response contains both. `ADDR` (default
//! `127.0.0.1:8080`) is the address of the server.

use std::env;
use std::error::Error;
use std::fmt;

use actix_web::error::ErrorInternalServerError;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use health_runtime::{Health, Outcome, health_check};
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;

/// The queue has free capacity.
#[health_check(readiness, interval = "10s")]
fn queue() -> Outcome {
    Outcome::up()
}

/// The registries of one response.
struct Metrics {
    application: Registry,
    health: Registry,
}

impl Metrics {
    fn encode(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode_registry(&mut text, &self.application)?;
        encode_registry(&mut text, &self.health)?;
        encode_eof(&mut text)?;
        Ok(text)
    }
}

async fn metrics(metrics: Data<Metrics>) -> actix_web::Result<HttpResponse> {
    let text = metrics.encode().map_err(ErrorInternalServerError)?;
    Ok(HttpResponse::Ok().content_type("application/openmetrics-text; version=1.0.0; charset=utf-8").body(text))
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let health = Health::builder().start()?;
    let shutdown = health.shutdown();

    let orders = Counter::<u64>::default();
    let mut registries = Metrics { application: Registry::with_prefix("shop"), health: Registry::default() };
    registries.application.register("orders", "Orders received", orders.clone());
    registries.health.register_collector(Box::new(health.collector()));
    let registries = Data::new(registries);
    orders.inc();

    HttpServer::new(move || {
        App::new().service(health.service()).app_data(registries.clone()).route("/metrics", web::get().to(metrics))
    })
    .shutdown_signal(shutdown)
    .bind(address)?
    .run()
    .await?;
    Ok(())
}
