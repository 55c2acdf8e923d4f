//! A service that drains behind HAProxy or Envoy without losing a request.
//!
//! ```text
//! cargo run -p health-examples --bin behind_a_proxy
//! haproxy -db -f examples/behind_a_proxy/haproxy.cfg
//! ```
//!
//! `ORDERS_ADDR` (default `127.0.0.1:8080`) is the address of the server.

use std::error::Error;
use std::time::Duration;

use actix_web::{App, HttpServer, web};
use health_runtime::{DrainCode, Health};

/// Longer than the proxy takes to detect the drain: with `inter 1s fall 2` two seconds, plus the duration of the responses.
const DRAIN_DELAY: Duration = Duration::from_secs(5);

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::var("ORDERS_ADDR").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let health = Health::builder().version(env!("CARGO_PKG_VERSION")).drain_delay(DRAIN_DELAY).start()?;
    let shutdown = health.shutdown();
    HttpServer::new(move || {
        let probes = health
            .service()
            .drain_code(DrainCode::NotFound) // HAProxy's `disable-on-404`: no new clients; current ones stay
            .envoy_degraded(true);
        // The middleware is wrapped last, so that it is the outermost: while draining, it makes keep-alive clients reconnect.
        App::new().service(probes).route("/orders", web::get().to(async || "no orders yet\n")).wrap(health.middleware())
    })
    .shutdown_signal(shutdown)
    .shutdown_timeout(20)
    .bind(address)?
    .run()
    .await?;
    Ok(())
}
