//! The gRPC health checks on tonic, and the endpoints for people on a dedicated port.
//!
//! ```text
//! cargo run -p health-examples --bin grpc
//! grpcurl -plaintext 127.0.0.1:50051 grpc.health.v1.Health/Watch     # NOT_SERVING until the file prices.csv exists
//! curl -i http://127.0.0.1:8080/readyz                               # and why
//! ```
//!
//! Without actix-web: `default-features = false, features = ["grpc", "page", "tower"]`. `GRPC` (default `127.0.0.1:50051`) and `ADDR`
//! (default `127.0.0.1:8080`) are the addresses of both.

use std::error::Error;
use std::{env, fs, io};

use health_runtime::{Health, health_check};
use tonic::transport::Server;

/// The price list is readable.
#[health_check(readiness)]
fn prices() -> Result<(), io::Error> {
    fs::metadata("prices.csv").map(drop)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let grpc = env::var("GRPC").unwrap_or_else(|_| "127.0.0.1:50051".to_owned());
    let http = env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let health = Health::builder().version(env!("CARGO_PKG_VERSION")).start()?;
    let _listener = health.listen(http, |service| service)?; // until main returns
    Server::builder()
        .layer(health.layer()) // counts the requests in flight
        .add_service(health.grpc()) // and the services of the application
        .serve_with_shutdown(grpc.parse()?, health.shutdown())
        .await?;
    Ok(())
}
