//! A small orders service with its health, on an embedded database.
//!
//! ```text
//! cargo run -p health-examples
//! ```
//!
//! `ORDERS_ADDR` (default `127.0.0.1:8080`) says where it listens, and `ORDERS_DB` (default `orders.db`) where it keeps
//! its orders. With `--health-probe URL` it asks itself, or any other such service, and ends: `examples/container`. Under
//! systemd, as in `examples/systemd`, it says when it is ready.

mod checks;
mod processing;
mod routes;
mod store;

use std::error::Error;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{App, HttpServer};
use health_runtime::Health;

use crate::checks::DataFolder;
use crate::processing::{Heartbeat, Migration};

#[actix_web::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    if let Some(code) = health_runtime::probe_from_args() {
        return Ok(code);
    }
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let address = std::env::var("ORDERS_ADDR").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let file = std::path::absolute(std::env::var_os("ORDERS_DB").map_or_else(|| "orders.db".into(), PathBuf::from))?;

    let pool = store::open(&file).await.map_err(|error| format!("cannot open {}: {error}", file.display()))?;
    let migration = Arc::new(Migration::default());
    let heartbeat = Arc::new(Heartbeat::new());

    let health = Health::builder()
        .version(env!("CARGO_PKG_VERSION"))
        .state(pool.clone())
        .shared(migration.clone())
        .shared(heartbeat.clone())
        .state(DataFolder(file.parent().unwrap_or(&file).to_owned()))
        .start()?;
    let shutdown = health.shutdown(); // on SIGTERM: not ready at once, drain, then stop

    let orders = Data::new(pool.clone());
    let served = health.clone();
    let server = HttpServer::new(move || {
        App::new()
            .service(served.service())
            .service(served.metrics_service())
            .app_data(orders.clone())
            .configure(routes::configure)
    })
    .shutdown_signal(shutdown)
    .shutdown_timeout(20) // drain and this together stay under Kubernetes' 30 s
    .bind(&address)
    .map_err(|error| format!("cannot listen on {address}: {error}"))?;

    // The port is open by now: probes are answered while the migration runs, and systemd hears when it is done.
    health.notify_systemd()?;
    let work = tokio::spawn({
        let pool = pool.clone();
        async move { tokio::join!(migration.run(&pool), processing::process(&pool, &migration, &heartbeat)) }
    });
    if let Some(address) = server.addrs().first() {
        // Whoever reads the output may leave: that stops no service.
        let _printed = announce(*address, &file);
    }
    server.run().await?;

    work.abort();
    pool.close().await;
    Ok(ExitCode::SUCCESS)
}

fn announce(address: SocketAddr, file: &Path) -> io::Result<()> {
    let file = file.display();
    let mut out = io::stdout().lock();
    writeln!(out, "orders service, its database is {file}")?;
    for path in ["orders", "livez", "readyz", "startupz", "health", "metrics"] {
        writeln!(out, "  http://{address}/{path}")?;
    }
    writeln!(out, "see whether it is ready:\n  curl -i http://{address}/readyz")?;
    writeln!(out, "break it:\n  sqlite3 '{file}' 'ALTER TABLE orders RENAME TO orders_gone'")?;
    writeln!(out, "mend it:\n  sqlite3 '{file}' 'ALTER TABLE orders_gone RENAME TO orders'")?;
    out.flush()
}
