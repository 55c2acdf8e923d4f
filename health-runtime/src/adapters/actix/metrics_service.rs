//! `GET /metrics`, for an application that has no registry of its own.

use std::future::{Ready, ready};
use std::rc::Rc;

use actix_web::dev::{AppService, HttpServiceFactory, ResourceDef, ServiceRequest, ServiceResponse, fn_service};
use actix_web::http::header::{self, Header, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Bytes;
use actix_web::{Error, HttpResponse};
use prometheus_client::registry::Registry;

use super::drain_middleware as drain;
use crate::core::health::Health;
use crate::http::{response as answer, routes::normal};
use crate::metrics::prometheus::{Collector, exposition::ExpositionFormat};

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
#[derive(Debug)]
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
            drain::leave(&self.health.inner().lifecycle, &req);
            let answer = answer(&req, &registry);
            ready(Ok(req.into_response(answer)))
        };
        config.register_service(ResourceDef::new(self.path), None, fn_service(answer), None);
    }
}

fn answer(req: &ServiceRequest, registry: &Registry) -> HttpResponse {
    let method = req.method();
    if ![Method::GET, Method::HEAD].contains(method) {
        let body = Bytes::from_static(b"method not allowed\n");
        let mut answer = answer::sent(method, StatusCode::METHOD_NOT_ALLOWED, "text/plain; charset=utf-8", body);
        answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return answer;
    }
    let exposition = wanted(req);
    answer::sent(method, StatusCode::OK, exposition.content_type(), exposition.write(registry).into())
}

/// What the reader prefers of the two. One that names neither, or in a way that cannot be read, gets Prometheus's own
/// format.
fn wanted(req: &ServiceRequest) -> ExpositionFormat {
    let ranges = header::Accept::parse(req).map(|accept| accept.0).unwrap_or_default();
    let known = ranges.iter().filter(|range| range.quality > header::Quality::ZERO).filter_map(|range| {
        let exposition = match range.item.essence_str() {
            "application/openmetrics-text" => ExpositionFormat::OpenMetrics,
            "text/plain" | "text/*" | "*/*" => ExpositionFormat::PrometheusText,
            _ => return None,
        };
        Some((range.quality, exposition))
    });
    // Of equals the first counts.
    let preferred = known.reduce(|best, next| if next.0 > best.0 { next } else { best });
    preferred.map_or(ExpositionFormat::PrometheusText, |(_, exposition)| exposition)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn of(accept: &str) -> ExpositionFormat {
        wanted(&TestRequest::default().insert_header((header::ACCEPT, accept)).to_srv_request())
    }

    #[test]
    fn prometheus_gets_openmetrics_and_others_what_they_can_read() {
        // As Prometheus 2.42 sends it.
        let prometheus = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
                          text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        let open = [prometheus, "application/openmetrics-text", "text/html, application/openmetrics-text;q=0.1"];
        let classic = [
            "",
            "*/*",
            "text/plain",
            "text/html",
            "application/openmetrics-text;q=0",
            "application/openmetrics-text;q=0.2, text/plain;q=0.3",
            "nonsense",
            ";;;,q=",
        ];
        for accept in open {
            assert_eq!(of(accept), ExpositionFormat::OpenMetrics, "{accept}");
        }
        for accept in classic {
            assert_eq!(of(accept), ExpositionFormat::PrometheusText, "{accept}");
        }
        assert_eq!(wanted(&TestRequest::default().to_srv_request()), ExpositionFormat::PrometheusText);
    }
}
