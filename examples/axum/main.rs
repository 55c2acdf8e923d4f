//! The endpoints on axum, and a drain that loses no request.
//!
//! ```text
//! cargo run -p health-examples --bin axum
//! curl -i http://127.0.0.1:8080/readyz     # 503 until the file prices.csv exists
//! kill -TERM <pid>                          # 503 at once; it serves for five more seconds, then stops
//! ```
//!
//! Without actix-web: `default-features = false, features = ["axum", "page"]`. `ADDR` (default `127.0.0.1:8080`) is the address of
//! the server.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;
use std::{env, fs, io};

use axum::Router;
use axum::routing::get;
use health_runtime::{Expose, Health, health_check};
use tokio::net::TcpListener;

/// The price list is readable.
#[health_check(readiness)]
fn prices() -> Result<(), io::Error> {
    fs::metadata("prices.csv").map(drop)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let health = Health::builder().version(env!("CARGO_PKG_VERSION")).watch_runtime(Duration::from_secs(10)).start()?;
    // The full error is for clients on this machine.
    let is_local = |peer: SocketAddr| peer.ip().is_loopback();
    let service = health.service().expose_when(move |request| request.peer_addr().is_some_and(is_local), Expose::Errors);
    let app = Router::new()
        .route("/orders", get(async || "nothing sold\n"))
        .merge(service.router())
        .layer(health.layer()) // last, so that it is the outermost layer
        .into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(TcpListener::bind(address).await?, app).with_graceful_shutdown(health.shutdown()).await?;
    Ok(())
}
