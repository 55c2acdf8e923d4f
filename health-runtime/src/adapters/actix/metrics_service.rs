//! `GET /metrics`, for an application without a registry.

use std::future::ready;
use std::rc::Rc;

use actix_web::Error;
use actix_web::dev::{AppService, HttpServiceFactory, ResourceDef, ServiceRequest, fn_service};

use super::request::probe_request;
use super::response::respond;
use crate::adapters::counted_request;
use crate::core::health::Health;
use crate::http::{metrics::MetricsEndpoint, routes::normalize};

/// Serves the metrics for `GET` and `HEAD` at one path, mounted with `App::service`. Created by [`Health::metrics_service`];
/// [`guide::metrics`](crate::guide::metrics) has an example.
///
/// The status code is 200 in every state, because Prometheus drops a scrape with another code. The text is OpenMetrics for
/// scrapers that accept it, as Prometheus does, and Prometheus's own format for others.
#[derive(Debug)]
#[must_use = "it serves nothing until it is mounted"]
pub struct MetricsService {
    health: Health,
    path: String,
}

impl Health {
    /// Feature `prometheus`: creates a service for the metrics at `/metrics`, for an application without a registry. Create one in
    /// each call of the `App` factory. [`HealthService::metrics`](crate::HealthService::metrics) serves them alongside the endpoints.
    pub fn metrics_service(&self) -> MetricsService {
        MetricsService { health: self.clone(), path: "/metrics".to_owned() }
    }
}

impl MetricsService {
    /// Serves the metrics at `path` instead of `/metrics`.
    pub fn path(mut self, path: &str) -> Self {
        self.path = normalize(path);
        self
    }
}

impl HttpServiceFactory for MetricsService {
    fn register(self, config: &mut AppService) {
        mount(self.path, MetricsEndpoint::new(&self.health), config);
    }
}

/// Mounts the metrics at exactly this path.
pub(super) fn mount(path: String, endpoint: MetricsEndpoint, config: &mut AppService) {
    let resource = ResourceDef::new(&*path);
    let endpoint = Rc::new(endpoint);
    let scrape = move |req: ServiceRequest| {
        counted_request::stop(endpoint.health.inner().lifecycle.in_flight());
        let response = endpoint.respond(&probe_request(&req, &path));
        ready(Ok::<_, Error>(respond(req, response)))
    };
    config.register_service(resource, None, fn_service(scrape), None);
}
