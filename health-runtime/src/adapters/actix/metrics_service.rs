//! `GET /metrics`, for an application without a registry.

use std::future::ready;
use std::rc::Rc;

use actix_web::Error;
use actix_web::dev::{AppService, HttpServiceFactory, ResourceDef, ServiceRequest, fn_service};
use prometheus_client::registry::Registry;

use super::counted_request;
use super::request::probe_request;
use super::response::respond_for_method;
use crate::core::health::Health;
use crate::http::{metrics::scrape, routes::normalize};

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
    /// Creates a service for the metrics at `/metrics`, for an application without a registry.
    ///
    /// Create one in each call of the `App` factory.
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
        let Self { health, path } = self;
        let resource = ResourceDef::new(&*path);
        let mut registry = Registry::default();
        registry.register_collector(Box::new(health.collector()));
        let registry = Rc::new(registry);
        let scrape = move |req: ServiceRequest| {
            counted_request::stop(health.inner().lifecycle.in_flight());
            let response = scrape(&probe_request(&req, &path), |format| format.write(&registry));
            ready(Ok::<_, Error>(respond_for_method(req, response)))
        };
        config.register_service(resource, None, fn_service(scrape), None);
    }
}
