//! Checks in crates that the program does not call.
//!
//! ```text
//! cargo run -p health-examples --bin many_crates
//! curl http://127.0.0.1:8080/health       # lists the check of the crate in the folder `stock` too
//! ```
//!
//! Without the line `link!` rustc would leave that crate out of the program, and its check with it. `require` makes `start` fail
//! then; it lists the checks that the service relies on, whichever crate they are in.
//!
//! `ADDR` (default `127.0.0.1:8080`) is the address of the server.

use std::env;
use std::error::Error;

use actix_web::{App, HttpServer};
use health_runtime::{Health, health_check, link};

link!(stock);

/// A check in the program itself.
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
