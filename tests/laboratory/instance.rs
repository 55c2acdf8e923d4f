//! One instance of the service: a route that needs the database, and one that does not.

use std::error::Error;
use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, web};
use health_runtime::checks::Sqlx;
use health_runtime::{Check, Health, Peers};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::time::timeout;

use crate::kubelet::SERVICE;

/// How readiness depends on the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variant {
    /// Every probe queries the database.
    Naive,
    /// A result serves every probe for a second.
    Critical,
    /// The instance stays in rotation without the database.
    NotCritical,
    /// It stays in rotation if the database is away for other instances too.
    Shared,
}

/// The response of the route that does not need the database.
pub(crate) const PRICES: &str = "apple,3";

const DRAIN_DELAY: Duration = Duration::from_secs(5);

/// The time that a request of the application waits for the database.
const QUERY: Duration = Duration::from_secs(1);

impl Variant {
    pub(crate) const ALL: [Self; 4] = [Self::Naive, Self::Critical, Self::NotCritical, Self::Shared];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Naive => "critical, no cache",
            Self::Critical => "critical",
            Self::NotCritical => "not critical",
            Self::Shared => "shared",
        }
    }

    fn check(self, pool: &PgPool) -> Result<Check, Box<dyn Error>> {
        let check = Check::readiness("database", Sqlx::builder(pool.clone()).build()?);
        Ok(match self {
            Self::Naive => check.cache(Duration::ZERO),
            Self::Critical => check,
            Self::NotCritical => check.critical(false),
            Self::Shared => check.shared(true),
        })
    }
}

impl FromStr for Variant {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|variant| variant.name() == name).ok_or_else(|| format!("no variant `{name}`"))
    }
}

/// Serves until SIGTERM.
pub(crate) fn serve(variant: Variant, address: SocketAddr, database: &str) -> Result<(), Box<dyn Error>> {
    actix_web::rt::System::new().block_on(async {
        let pool = PgPoolOptions::new().max_connections(4).acquire_timeout(QUERY).connect_lazy(database)?;
        let check = variant.check(&pool)?;
        let builder = Health::builder().check(check).drain_delay(DRAIN_DELAY);
        let peers = || Peers::dns(format!("{SERVICE}:{}", address.port()));
        let health = if variant == Variant::Shared { builder.peers(peers()) } else { builder }.start()?;
        let shutdown = health.shutdown();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::new(pool.clone()))
                .service(health.service().metrics("/metrics"))
                .route("/prices", web::get().to(async || PRICES))
                .route("/orders", web::get().to(orders))
                .wrap(health.middleware())
        });
        Ok(server.workers(1).shutdown_signal(shutdown).shutdown_timeout(10).bind(address)?.run().await?)
    })
}

async fn orders(pool: web::Data<PgPool>) -> HttpResponse {
    let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM pg_class").fetch_one(&**pool);
    match timeout(QUERY, count).await {
        Ok(Ok(count)) => HttpResponse::Ok().body(count.to_string()),
        Ok(Err(_)) | Err(_) => HttpResponse::ServiceUnavailable().finish(),
    }
}
