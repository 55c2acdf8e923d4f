//! Pages of services whose last hour was simulated.

use std::future::ready;
use std::io;
use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{App, HttpResponse, test};
use health_runtime::{Check, Format, Health, Kind, Outcome};
use health_tests::server::Server;
use tokio::runtime::Builder;
use tokio::time::{Instant, sleep};

/// The state at the end of the hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scene {
    Healthy,
    Degraded,
    Unhealthy,
}

pub(crate) const SCENES: [(Scene, &str); 3] =
    [(Scene::Healthy, "healthy"), (Scene::Degraded, "degraded"), (Scene::Unhealthy, "unhealthy")];

/// A response of `/readyz`.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    code: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// The checks of a shop. Shards fill up the requested number of checks.
const SERVICE: [(&str, &str, u64); 20] = [
    ("database", "The orders database answers a trivial query.", 3),
    ("redis", "The cache of sessions answers.", 1),
    ("disk", "The volume of the uploads has room.", 0),
    ("orders-queue", "The consumer of orders keeps up.", 4),
    ("payments-api", "The payment provider accepts our key.", 84),
    ("search", "The search index answers; without it the list of products is sorted by name.", 12),
    ("mail", "The mail relay takes a message.", 21),
    ("certificates", "No certificate of ours ends within two weeks.", 0),
    ("stock", "The stock service answers.", 9),
    ("prices", "Prices were loaded within the last hour.", 0),
    ("sessions", "Sessions can be written.", 2),
    ("templates", "Every template was compiled.", 0),
    ("translations", "Every language has its texts.", 0),
    ("geocoder", "Addresses are found on the map.", 47),
    ("pdf-renderer", "An empty invoice is rendered.", 33),
    ("exchange-rates", "The rates are of today.", 0),
    ("feature-flags", "The flags were read.", 5),
    ("audit-log", "The audit log takes a line.", 6),
    ("thumbnails", "A thumbnail is made of a test picture.", 18),
    ("dns", "The names of our neighbours are found.", 1),
];

/// Returns the outcome of a check at a minute of the hour.
fn outcome_at(scene: Scene, name: &str, minute: u64) -> Result<Outcome, io::Error> {
    let ends = minute >= 54;
    match (name, scene) {
        ("redis", Scene::Degraded) | ("database" | "shard-07", Scene::Unhealthy) if ends => {
            Err(io::Error::from(io::ErrorKind::ConnectionRefused))
        }
        ("orders-queue", Scene::Degraded) if ends => Ok(Outcome::degraded("12s behind").with("waiting", 3_120)),
        ("disk", Scene::Degraded) if minute >= 40 => Ok(Outcome::degraded("less than 10 % is free").with("free_gb", 3.9)),
        ("payments-api", Scene::Unhealthy) if minute >= 48 => Ok(Outcome::down("answered 503 to GET /v1/ping")),
        ("orders-queue", Scene::Unhealthy) if ends => Ok(Outcome::degraded("40s behind").with("waiting", 10_411)),
        ("redis", _) if (20..22).contains(&minute) => Ok(Outcome::down("it is loading its data")),
        ("payments-api" | "shard-03", _) if minute == 31 || minute == 33 => Ok(Outcome::degraded("slow: 740ms")),
        ("disk", _) => Ok(Outcome::up().with("free_gb", 42.5).with("free_percent", 61)),
        _ => Ok(Outcome::up()),
    }
}

fn check(scene: Scene, began: Instant, name: &str, description: &str, takes: u64) -> Check {
    let own = name.to_owned();
    let run = move || {
        let outcome_at = outcome_at(scene, &own, began.elapsed().as_secs() / 60);
        async move {
            if takes > 0 {
                sleep(Duration::from_millis(takes)).await;
            }
            outcome_at
        }
    };
    let check = match name {
        "geocoder" if scene == Scene::Unhealthy => Check::readiness(name, std::future::pending::<()>),
        _ => Check::readiness(name, run),
    };
    let check = check.description(description).timeout(Duration::from_millis(500));
    match name {
        "redis" | "search" | "geocoder" => check.critical(false).tags(["cache"]),
        "orders-queue" => check.interval(Duration::from_secs(10)).failure_threshold(3).success_threshold(2),
        _ => check,
    }
}

/// Returns the page of a service with this many checks, about an hour after its start.
async fn page(scene: Scene, checks: usize) -> Page {
    let began = Instant::now();
    let mut builder = Health::builder().linked_checks(false).version("1.4.2");
    for (name, description, takes) in SERVICE.into_iter().take(checks) {
        builder = builder.check(check(scene, began, name, description, takes));
    }
    for shard in 1..=checks.saturating_sub(SERVICE.len()) {
        let (name, description) = (format!("shard-{shard:02}"), format!("Shard {shard} of the archive answers."));
        builder = builder.check(check(scene, began, &name, &description, shard as u64 % 7));
    }
    let health = builder.start().unwrap();
    while began.elapsed() < Duration::from_mins(57) {
        health.report(Kind::Readiness).await;
        sleep(Duration::from_secs(15)).await;
    }
    health.report(Kind::Readiness).await;
    Page::render(&health).await
}

/// Starts a server that returns the page for every request.
pub(crate) fn simulated(scene: Scene, checks: usize) -> Server {
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    serve(runtime.block_on(page(scene, checks)))
}

pub(crate) fn serve(page: Page) -> Server {
    Server::start(move || {
        move |config: &mut ServiceConfig| {
            let page = page.clone();
            config.default_service(web::to(move || ready(page.response())));
        }
    })
}

impl Page {
    /// Returns the page of `/readyz`.
    pub(crate) async fn render(health: &Health) -> Self {
        let app = test::init_service(App::new().service(health.service().format(Format::Html))).await;
        let response = test::call_service(&app, test::TestRequest::with_uri("/readyz").to_request()).await;
        let (code, headers) = (response.status(), response.headers().clone());
        Self { code, headers, body: test::read_body(response).await }
    }

    fn response(&self) -> HttpResponse {
        let mut response = HttpResponse::with_body(self.code, BoxBody::new(self.body.clone()));
        *response.headers_mut() = self.headers.clone();
        response
    }
}
