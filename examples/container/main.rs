//! A program that asks itself whether it is healthy, for an image that holds nothing else: the Dockerfile beside it.
//!
//! ```text
//! cargo run -p health-examples --bin container &
//! cargo run -p health-examples --bin container -- --health-probe http://127.0.0.1:8080/readyz
//! echo $?                                  # 0 once the catalogue is there, 1 before
//! ```
//!
//! `ADDR` (default `127.0.0.1:8080`) says where it listens.

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix_web::{App, HttpServer};
use health_runtime::{Health, Outcome, health_check};
use tokio::time::sleep;

/// What there is to buy, once it has been read.
#[derive(Default)]
struct Catalogue(OnceLock<Vec<&'static str>>);

impl Catalogue {
    /// From the other end of the world.
    async fn read(&self) {
        sleep(Duration::from_secs(1)).await;
        self.0.get_or_init(|| vec!["apple", "pear"]);
    }
}

/// The catalogue has been read.
#[health_check(startup, cache = "100ms")]
fn catalogue(catalogue: &Catalogue) -> Outcome {
    match catalogue.0.get() {
        Some(articles) => Outcome::up().with("articles", articles.len()),
        None => Outcome::down("not read yet"),
    }
}

#[actix_web::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    if let Some(code) = health_runtime::probe_from_args() {
        return Ok(code);
    }
    let address = env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let catalogue = Arc::new(Catalogue::default());
    let health = Health::builder().version(env!("CARGO_PKG_VERSION")).shared_state(Arc::clone(&catalogue)).start()?;
    let shutdown = health.shutdown(); // the drain that `docker stop` begins
    let server = HttpServer::new(move || App::new().service(health.service())).shutdown_signal(shutdown).bind(address)?;
    tokio::spawn(async move { catalogue.read().await });
    server.run().await?;
    Ok(ExitCode::SUCCESS)
}
