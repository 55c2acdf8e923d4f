//! Checks in crates that the program does not call.
//!
//! ```text
//! cargo run -p health-examples --bin many_crates
//! curl http://127.0.0.1:8080/health       # the check of the crate in the folder `stock` is there too
//! ```
//!
//! Without the line `link!` rustc would leave that crate out of the program, and its check with it. `expect` refuses to start
//! then; it names what the service relies on, wherever that stands.
//!
//! `ADDR` (default `127.0.0.1:8080`) says where it listens.

use std::env;
use std::error::Error;

use actix_web::{App, HttpServer};
use health_runtime::{Health, health_check, link};

link!(stock);

/// In the program itself.
#[health_check(readiness)]
fn orders() {}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let health = Health::builder().require(["orders", "stock"]).start()?;
    let shutdown = health.shutdown();
    HttpServer::new(move || App::new().service(health.service())).shutdown_signal(shutdown).bind(address)?.run().await?;
    Ok(())
}
