//! A program that is its own health-check client, for an image that contains nothing else: see the Dockerfile in this folder.
//!
//! ```text
//! cargo run -p health-examples --bin container &
//! cargo run -p health-examples --bin container -- --health-probe http://127.0.0.1:8080/readyz
//! echo $?                                  # 0 once the catalogue is loaded, 1 before
//! cargo run -p health-examples --bin container -- --health-wait 30s http://127.0.0.1:8080/readyz
//! cargo run -p health-examples --bin container -- --health-check      # every check once, without a server
//! ```
//!
//! `ADDR` (default `127.0.0.1:8080`) is the address of the server.

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix_web::{App, HttpServer};
use health_runtime::{Health, Outcome, health_check};
use tokio::time::sleep;

/// The articles for sale, once they are loaded.
#[derive(Default)]
struct Catalogue(OnceLock<Vec<&'static str>>);

impl Catalogue {
    /// Loads the catalogue from a slow source.
    async fn load(&self) {
        sleep(Duration::from_secs(1)).await;
        self.0.get_or_init(|| vec!["apple", "pear"]);
    }
}

/// The catalogue is loaded.
#[health_check(startup, cache = "100ms")]
fn catalogue(catalogue: &Catalogue) -> Outcome {
    match catalogue.0.get() {
        Some(articles) => Outcome::up().with("articles", articles.len()),
        None => Outcome::down("not loaded yet"),
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
    if let Some(code) = health.check_from_args().await {
        return Ok(code);
    }
    let shutdown = health.shutdown(); // `docker stop` starts the drain
    let server = HttpServer::new(move || App::new().service(health.service())).shutdown_signal(shutdown).bind(address)?;
    tokio::spawn(async move { catalogue.load().await });
    server.run().await?;
    Ok(ExitCode::SUCCESS)
}
