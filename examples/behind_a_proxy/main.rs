//! A service that takes its leave of HAProxy, or of Envoy, without losing a request.
//!
//! ```text
//! cargo run -p health-examples --bin behind_a_proxy
//! haproxy -db -f examples/behind_a_proxy/haproxy.cfg
//! ```
//!
//! `ORDERS_ADDR` (default `127.0.0.1:8080`) says where it listens.

use std::error::Error;
use std::time::Duration;

use actix_web::{App, HttpServer, web};
use health_runtime::{DrainCode, Health};

/// Above the time in which the proxy notices: with `inter 1s fall 2` two seconds, and the answers take some time too.
const DRAIN_DELAY: Duration = Duration::from_secs(5);

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::var("ORDERS_ADDR").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let health = Health::builder().version(env!("CARGO_PKG_VERSION")).drain_delay(DRAIN_DELAY).start()?;
    let shutdown = health.shutdown();
    HttpServer::new(move || {
        let probes = health
            .service()
            .drain_code(DrainCode::NotFound) // HAProxy's `disable-on-404`: no new clients, and those that are there stay
            .envoy_degraded(true);
        // The middleware last, and so around everything: while draining, it moves clients with keep-alive away.
        App::new().service(probes).route("/orders", web::get().to(async || "no orders yet\n")).wrap(health.middleware())
    })
    .shutdown_signal(shutdown)
    .shutdown_timeout(20)
    .bind(address)?
    .run()
    .await?;
    Ok(())
}
