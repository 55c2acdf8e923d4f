//! Probes on a dedicated port, which responds however busy the workers are.
//!
//! ```text
//! cargo run -p health-examples --bin own_port
//! curl http://127.0.0.1:8080/report &      # keeps the only worker busy for five seconds
//! curl http://127.0.0.1:8081/livez         # responds all the same
//! ```
//!
//! Such a port alone would stay green while the application hangs, so the program watches its workers.
//! `ADDR` (default `127.0.0.1:8080`) and `PROBES` (default `127.0.0.1:8081`) are the addresses of the application and the probes.

use std::env;
use std::error::Error;
use std::thread;
use std::time::Duration;

use actix_web::{App, HttpServer, web};
use health_runtime::{Expose, Health};

/// Blocks its worker, which no handler should do.
async fn report() -> &'static str {
    thread::sleep(Duration::from_secs(5));
    "nothing sold\n"
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let probes = env::var("PROBES").unwrap_or_else(|_| "127.0.0.1:8081".to_owned());
    let health = Health::builder().watch_workers(Duration::from_secs(10)).start()?;
    let _listener = health.listen(probes, |service| service)?; // until main returns
    let shutdown = health.shutdown();
    HttpServer::new(move || {
        // A worker that mounts the service is watched. This port shows only the overall status.
        App::new().service(health.service().expose(Expose::Status)).route("/report", web::get().to(report))
    })
    .workers(1)
    .shutdown_signal(shutdown)
    .bind(address)?
    .run()
    .await?;
    Ok(())
}
