//! `GET /metrics`, for an application that has no registry of its own.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::rc::Rc;

use actix_web::body::SizedStream;
use actix_web::dev::{AppService, HttpServiceFactory, ResourceDef, ServiceRequest, ServiceResponse, fn_service};
use actix_web::http::{Method, header};
use actix_web::web::Bytes;
use actix_web::{Error, HttpMessage, HttpResponse};
use futures_util::stream;
use prometheus_client::registry::Registry;

use super::normal;
use crate::health::Health;
use crate::prometheus::{Collector, Exposition};

/// Answers `GET` and `HEAD` of one path with the metrics, to mount with `App::service`. Made by
/// [`Health::metrics_service`].
///
/// The code is 200 whatever the health, because Prometheus drops a scrape that is not. The text is OpenMetrics for
/// readers that ask for it, as Prometheus does, and Prometheus's own format for others.
///
/// ```
/// use actix_web::{App, test};
/// use health_runtime::Health;
///
/// # #[actix_web::main]
/// # async fn main() -> Result<(), health_runtime::StartError> {
/// let health = Health::builder().start()?;
/// let app = App::new().service(health.service()).service(health.metrics_service().path("/internal/metrics"));
/// let app = test::init_service(app).await;
/// let scrape = test::TestRequest::with_uri("/internal/metrics").to_request();
/// let text = test::call_and_read_body(&app, scrape).await;
/// assert!(text.starts_with(b"# HELP health_status "));
/// # Ok(())
/// # }
/// ```
#[must_use = "mount it with `App::service`"]
pub struct MetricsService {
    health: Health,
    path: String,
}

impl MetricsService {
    pub(crate) fn new(health: Health) -> Self {
        Self { health, path: "/metrics".to_owned() }
    }

    /// Answers at `path` in place of `/metrics`.
    pub fn path(mut self, path: &str) -> Self {
        self.path = normal(path);
        self
    }
}

impl HttpServiceFactory for MetricsService {
    fn register(self, config: &mut AppService) {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Collector::new(&self.health)));
        let registry = Rc::new(registry);
        let answer = move |req: ServiceRequest| -> Ready<Result<ServiceResponse, Error>> {
            let answer = answer(&req, &registry);
            ready(Ok(req.into_response(answer)))
        };
        config.register_service(ResourceDef::new(self.path), None, fn_service(answer), None);
    }
}

fn answer(req: &ServiceRequest, registry: &Registry) -> HttpResponse {
    if ![Method::GET, Method::HEAD].contains(req.method()) {
        return HttpResponse::MethodNotAllowed()
            .insert_header((header::ALLOW, "GET, HEAD"))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .content_type("text/plain; charset=utf-8")
            .body("method not allowed\n");
    }
    let exposition = wanted(req);
    let text = exposition.write(registry);
    let mut builder = HttpResponse::Ok();
    builder
        .insert_header((header::CONTENT_TYPE, exposition.content_type()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::VARY, "Accept"));
    if *req.method() == Method::HEAD {
        // The length is told, and the bytes are not sent.
        builder.body(SizedStream::new(text.len() as u64, stream::empty::<Result<Bytes, Infallible>>()))
    } else {
        builder.body(text)
    }
}

/// The first that the reader prefers of the two; what it does not name, or names in a way that cannot be read, is
/// Prometheus's own format.
fn wanted(req: &ServiceRequest) -> Exposition {
    let accept = req.get_header::<header::Accept>();
    let ranked = accept.map(|accept| accept.ranked()).unwrap_or_default();
    let known = ranked.iter().find_map(|mime| match (mime.type_().as_str(), mime.subtype().as_str()) {
        ("application", "openmetrics-text") => Some(Exposition::OpenMetrics),
        ("text" | "*", "plain" | "*") => Some(Exposition::Classic),
        _ => None,
    });
    known.unwrap_or(Exposition::Classic)
}
