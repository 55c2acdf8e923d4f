//! A check for each shard in the configuration, made at run time.
//!
//! ```text
//! SHARDS=eu=127.0.0.1:5432,us=127.0.0.1:5433 cargo run -p health-examples --bin shards
//! curl http://127.0.0.1:8080/readyz?tag=shards
//! ```
//!
//! One shard that is away makes the service degraded and leaves it in rotation: it serves the customers of the others.
//! `ADDR` (default `127.0.0.1:8080`) says where it listens.

use std::env;
use std::error::Error;
use std::time::Duration;

use actix_web::{App, HttpServer};
use health_runtime::{Check, Health};
use tokio::net::TcpStream;

/// `name` is free text from outside; `start` refuses one that no check can have.
fn shard(name: &str, address: &str) -> Check {
    let address = address.to_owned();
    let connect = move || {
        let address = address.clone(); // each run has its own
        async move { TcpStream::connect(address).await.map(drop) }
    };
    Check::readiness(format!("shard-{name}"), connect)
        .timeout(Duration::from_millis(300))
        .critical(false)
        .tags(["shards"])
        .description(format!("the shard {name} takes connections"))
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
