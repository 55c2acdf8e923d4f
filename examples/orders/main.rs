//! A small orders service with health checks, on an embedded database, or on `PostgreSQL` and Redis.
//!
//! ```text
//! cargo run -p health-examples
//! ```
//!
//! `ORDERS_ADDR` (default `127.0.0.1:8080`) is the address of the server, and `ORDERS_DB` (default `orders.db`) the database file.
//! With `DATABASE_URL` (`postgres://…`) the orders are in `PostgreSQL`, and with `REDIS_URL` (`redis://…`) the list of orders is
//! cached; each adds its check. With `--health-probe URL` the program sends one probe to itself, or to any other such service, and
//! exits: `examples/container` is a small program for this. Under systemd, as in `examples/systemd`, it sends notifications.

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

/// The name of the database in printed texts, because its URL contains a password.
const POSTGRES: &str = "PostgreSQL";

/// The format of the access log: client, request, status code, bytes and milliseconds.
const ACCESS_LOG_FORMAT: &str = r#"%a "%r" %s %b %D"#;

/// The paths of probes, which arrive every few seconds. The log has a line for each transition instead.
const PROBE_PATHS: &str = "^/(livez|readyz|startupz|healthz?)(/|$)";

#[actix_web::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    if let Some(code) = health_runtime::probe_from_args() {
        return Ok(code);
    }
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let address = std::env::var("ORDERS_ADDR").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let file = std::path::absolute(std::env::var_os("ORDERS_DB").map_or_else(|| "orders.db".into(), PathBuf::from))?;

    let (store, place) = if let Ok(url) = std::env::var("DATABASE_URL") {
        (Store::connect_lazy(&url).map_err(|error| format!("DATABASE_URL: {error}"))?, POSTGRES.to_owned())
    } else {
        let place = file.display().to_string();
        (Store::open(&file).await.map_err(|error| format!("cannot open {place}: {error}"))?, place)
    };
    let migration = Arc::new(Migration::default());
    let heartbeat = Arc::new(Heartbeat::new());

    let mut builder = Health::builder();
    let mut cache = Cache::default();
    if let Ok(url) = std::env::var("REDIS_URL") {
        let (redis, check) = Cache::new(&url).map_err(|error| format!("REDIS_URL: {error}"))?;
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
            .wrap(Logger::new(ACCESS_LOG_FORMAT).exclude_regex(PROBE_PATHS).exclude("/metrics"))
            .wrap(served.middleware()) // last, so that it is the outermost middleware
    })
    .shutdown_signal(shutdown)
    .shutdown_timeout(20) // drain and this together stay under Kubernetes' 30 s
    .bind(&address)
    .map_err(|error| format!("cannot listen on {address}: {error}"))?;

    // The port is open now: the server responds to probes during the migration, and systemd is notified when it is finished.
    health.notify_systemd()?;
    let work = tokio::spawn({
        let store = store.clone();
        async move { tokio::join!(migration.run(&store), processing::process(&store, &migration, &heartbeat)) }
    });
    if let Some(address) = server.addrs().first() {
        // A closed standard output does not stop the service.
        let _printed = print_usage(*address, &place);
    }
    server.run().await?;

    work.abort();
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

fn print_usage(address: SocketAddr, place: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "orders service, database: {place}")?;
    for path in ["orders", "livez", "readyz", "startupz", "health", "metrics"] {
        writeln!(out, "  http://{address}/{path}")?;
    }
    writeln!(out, "check readiness:\n  curl -i http://{address}/readyz")?;
    let client = if place == POSTGRES { "psql \"$DATABASE_URL\" -c".to_owned() } else { format!("sqlite3 '{place}'") };
    writeln!(out, "break it:\n  {client} 'ALTER TABLE orders RENAME TO orders_gone'")?;
    writeln!(out, "repair it:\n  {client} 'ALTER TABLE orders_gone RENAME TO orders'")?;
    out.flush()
}
