//! One check per shard in the configuration, made at run time.
//!
//! ```text
//! SHARDS=eu=127.0.0.1:5432,us=127.0.0.1:5433 cargo run -p health-examples --bin shards
//! curl http://127.0.0.1:8080/readyz?tag=shards
//! ```
//!
//! An unavailable shard makes the service degraded and keeps it in rotation, because it serves the customers of the other shards.
//! `ADDR` (default `127.0.0.1:8080`) is the address of the server.

use std::env;
use std::error::Error;
use std::time::Duration;

use actix_web::{App, HttpServer};
use health_runtime::{Check, Health, with};
use tokio::net::TcpStream;

/// Creates the check of one shard. `name` is external input; `start` refuses an invalid check name.
fn shard(name: &str, address: &str) -> Check {
    // Each run gets a clone of the address.
    let connect = with(address.to_owned(), |address| async move { TcpStream::connect(address).await.map(drop) });
    Check::readiness(format!("shard-{name}"), connect)
        .timeout(Duration::from_millis(300))
        .critical(false)
        .tags(["shards"])
        .description(format!("shard {name} accepts connections"))
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let mut builder = Health::builder();
    for entry in env::var("SHARDS")?.split(',') {
        let (name, address) = entry.split_once('=').ok_or("`SHARDS` is a list such as eu=127.0.0.1:5432,us=127.0.0.1:5433")?;
        builder = builder.check(shard(name, address));
    }
    let health = builder.start()?;
    let shutdown = health.shutdown();
    HttpServer::new(move || App::new().service(health.service())).shutdown_signal(shutdown).bind(address)?.run().await?;
    Ok(())
}
