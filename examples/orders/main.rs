//! A small orders service with its health, on an embedded database, or on `PostgreSQL` and Redis.
//!
//! ```text
//! cargo run -p health-examples
//! ```
//!
//! `ORDERS_ADDR` (default `127.0.0.1:8080`) says where it listens, and `ORDERS_DB` (default `orders.db`) where it keeps
//! its orders. With `DATABASE_URL` (`postgres://…`) they are in `PostgreSQL`, and with `REDIS_URL` (`redis://…`) the list of
//! them is cached; each comes with its check. With `--health-probe URL` it asks itself, or any other such service, and ends:
//! `examples/container` is a small one of these. Under systemd, as in `examples/systemd`, it says when it is ready.

mod cache;
mod checks;
mod processing;
mod routes;
mod store;

use std::error::Error;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use actix_web::middleware::Logger;
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use health_runtime::Health;

use crate::cache::Cache;
use crate::checks::DataFolder;
use crate::processing::{Heartbeat, Migration};
use crate::store::Store;

/// Where the orders are, for readers; its URL holds a password.
const POSTGRES: &str = "PostgreSQL";

/// A line of the access log: who, what, the code, the bytes and the milliseconds.
const ACCESS: &str = r#"%a "%r" %s %b %D"#;

/// They come every few seconds, day and night. Their changes have lines of their own.
const PROBES: &str = "^/(livez|readyz|startupz|healthz?)(/|$)";

#[actix_web::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    if let Some(code) = health_runtime::probe_from_args() {
        return Ok(code);
    }
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let address = std::env::var("ORDERS_ADDR").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let file = std::path::absolute(std::env::var_os("ORDERS_DB").map_or_else(|| "orders.db".into(), PathBuf::from))?;

    let (store, place) = if let Ok(url) = std::env::var("DATABASE_URL") {
        (Store::at(&url).map_err(|error| format!("DATABASE_URL: {error}"))?, POSTGRES.to_owned())
    } else {
        let place = file.display().to_string();
        (Store::open(&file).await.map_err(|error| format!("cannot open {place}: {error}"))?, place)
    };
    let migration = Arc::new(Migration::default());
    let heartbeat = Arc::new(Heartbeat::new());

    let mut builder = Health::builder();
    let mut cache = Cache::default();
    if let Ok(url) = std::env::var("REDIS_URL") {
        let (redis, check) = Cache::at(&url).map_err(|error| format!("REDIS_URL: {error}"))?;
        cache = redis;
        builder = builder.check(check);
    }
    let health = builder
        .version(env!("CARGO_PKG_VERSION"))
        .state(store.clone())
        .shared_state(migration.clone())
        .shared_state(heartbeat.clone())
        .state(DataFolder(file.parent().unwrap_or(&file).to_owned()))
        .start()?;
    let shutdown = health.shutdown(); // on SIGTERM: not ready at once, drain, then stop

    let (orders, cached) = (Data::new(store.clone()), Data::new(cache));
    let served = health.clone();
    let server = HttpServer::new(move || {
        App::new()
            .service(served.service())
            .service(served.metrics_service())
            .app_data(orders.clone())
            .app_data(cached.clone())
            .configure(routes::configure)
            .wrap(Logger::new(ACCESS).exclude_regex(PROBES).exclude("/metrics"))
            .wrap(served.middleware()) // last, and so around everything
    })
    .shutdown_signal(shutdown)
    .shutdown_timeout(20) // drain and this together stay under Kubernetes' 30 s
    .bind(&address)
    .map_err(|error| format!("cannot listen on {address}: {error}"))?;

    // The port is open by now: probes are answered while the migration runs, and systemd hears when it is done.
    health.notify_systemd()?;
    let work = tokio::spawn({
        let store = store.clone();
        async move { tokio::join!(migration.run(&store), processing::process(&store, &migration, &heartbeat)) }
    });
    if let Some(address) = server.addrs().first() {
        // Whoever reads the output may leave: that stops no service.
        let _printed = announce(*address, &place);
    }
    server.run().await?;

    work.abort();
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

fn announce(address: SocketAddr, place: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "orders service, its database is {place}")?;
    for path in ["orders", "livez", "readyz", "startupz", "health", "metrics"] {
        writeln!(out, "  http://{address}/{path}")?;
    }
    writeln!(out, "see whether it is ready:\n  curl -i http://{address}/readyz")?;
    let client = if place == POSTGRES { "psql \"$DATABASE_URL\" -c".to_owned() } else { format!("sqlite3 '{place}'") };
    writeln!(out, "break it:\n  {client} 'ALTER TABLE orders RENAME TO orders_gone'")?;
    writeln!(out, "mend it:\n  {client} 'ALTER TABLE orders_gone RENAME TO orders'")?;
    out.flush()
}
