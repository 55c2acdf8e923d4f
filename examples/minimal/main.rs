//! One check, and a server with its endpoints.
//!
//! ```text
//! cargo run -p health-examples --bin minimal
//! curl -i http://127.0.0.1:8080/readyz     # 503 until the file prices.csv exists
//! ```
//!
//! `ADDR` (default `127.0.0.1:8080`) is the address of the server.

use std::error::Error;
use std::{env, fs, io};

use actix_web::{App, HttpServer};
use health_runtime::{Health, health_check};

/// The price list is readable.
#[health_check(readiness)]
fn prices() -> Result<(), io::Error> {
    fs::metadata("prices.csv").map(drop)
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let health = Health::builder().version(env!("CARGO_PKG_VERSION")).start()?;
    let shutdown = health.shutdown();
    HttpServer::new(move || App::new().service(health.service())).shutdown_signal(shutdown).bind(address)?.run().await?;
    Ok(())
}
