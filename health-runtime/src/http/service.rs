//! The endpoints of one `Health` and their options, for every adapter.

use std::fmt;
use std::sync::Arc;

use super::endpoint::Endpoint;
#[cfg(feature = "prometheus")]
use super::metrics::MetricsEndpoint;
use super::options::{DrainCode, EndpointOptions};
use super::request::ProbeRequest;
use super::routes::{Route, Routes, normalize};
use crate::core::events::notifier;
use crate::core::health::Health;
use crate::core::model::status::Scope;
use crate::core::report::view::Expose;
use crate::http::format::Format;

/// The endpoints and their options. Created by [`Health::service`].
///
/// With the feature `actix` it is mounted with `App::service`, also inside a scope. With `axum`, `router` converts it for
/// `Router::merge`, and with `tower`, `tower` converts it to a service. This example moves every path below a
/// prefix, renames one, and shows more than the status only to operators:
///
#[cfg_attr(feature = "actix", doc = "```")]
#[cfg_attr(not(feature = "actix"), doc = "```ignore")]
/// use actix_web::{App, test};
/// use health_runtime::{Expose, Health, Kind};
///
/// # #[actix_web::main]
/// # async fn main() -> Result<(), health_runtime::StartError> {
/// let health = Health::builder().start()?;
/// let service = health
///     .service()
///     .prefix("/internal")
///     .path(Kind::Liveness, "/health/live")
///     .expose(Expose::Status)
///     .expose_when(|request| request.header("x-operator") == Some("yes"), Expose::Errors);
/// let app = test::init_service(App::new().service(service)).await;
/// for path in ["/internal/health/live", "/internal/readyz"] {
///     let body = test::call_and_read_body(&app, test::TestRequest::with_uri(path).to_request()).await;
///     assert_eq!(body, r#"{"status":"healthy"}"#);
/// }
/// # Ok(())
/// # }
/// ```
///
/// Its place among the middleware decides what happens to a probe: see
/// [`guide::under_middleware`](crate::guide::under_middleware).
#[derive(Clone)]
#[must_use = "it serves nothing until it is mounted"]
pub struct HealthService {
    pub(crate) health: Health,
    routes: Routes,
    pub(crate) options: EndpointOptions,
    /// Whether each worker that serves it records a heartbeat: it is a worker of the application's server.
    pub(crate) has_heartbeat: bool,
}

impl Health {
    /// Creates a service with the default options.
    pub fn service(&self) -> HealthService {
        let (routes, options) = (Routes::default(), EndpointOptions::default());
        HealthService { health: self.clone(), routes, options, has_heartbeat: true }
    }
}

impl fmt::Debug for HealthService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HealthService").field("routes", &self.routes()).finish_non_exhaustive()
    }
}

impl HealthService {
    /// Moves every path below `prefix`, such as `/internal`. Default: none.
    ///
    /// On actix-web, braces are a pattern, here and in every path: `/{tenant}` matches any one segment. Every other server matches
    /// them literally.
    pub fn prefix(mut self, prefix: &str) -> Self {
        self.routes.prefix = normalize(prefix);
        self
    }

    /// Serves `scope` at `path` instead of its default path; [`Scope::All`] loses both of its defaults.
    ///
    /// The path wins over a check of another path: with `/health/live` for liveness, `/health/{check}` never means a check
    /// called `live`. It also matches everything below the path, so `/` matches every path not registered earlier. For braces see
    /// [`prefix`](Self::prefix).
    ///
    /// A path of two scopes, such as `/readyz` for liveness while readiness keeps it, returns 503 with an error that names
    /// both, and the error is logged. Another scope may take `/health` or `/healthz`; `Scope::All` then keeps the other one.
    pub fn path(mut self, scope: impl Into<Scope>, path: &str) -> Self {
        self.routes.set(scope.into(), path);
        self
    }

    /// Serves `scope` at `path` as well, such as readiness at `/healthz` until the last prober uses `/readyz`. Several calls add
    /// several paths.
    ///
    /// The rules of [`path`](Self::path) apply, but the scope keeps its other paths.
    pub fn also_at(mut self, scope: impl Into<Scope>, path: &str) -> Self {
        self.routes.add(scope.into(), path);
        self
    }

    /// Feature `prometheus`: serves the metrics at `path` as well, such as `/metrics`, below the prefix. Default: not at all.
    ///
    /// The status code is 200 in every state, and [`expose`](Self::expose) and [`format`](Self::format) do not apply: every client
    /// sees the names of all checks. The response is that of [`Health::metrics_service`]. On a dedicated port:
    ///
    #[cfg_attr(feature = "actix", doc = "```")]
    #[cfg_attr(not(feature = "actix"), doc = "```ignore")]
    /// use health_runtime::Health;
    ///
    /// # #[actix_web::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let health = Health::builder().start()?;
    /// let _listener = health.listen("127.0.0.1:0", |service| service.metrics("/metrics"))?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "prometheus")]
    pub fn metrics(mut self, path: &str) -> Self {
        self.routes.set_metrics(path);
        self
    }

    /// Sets how much a response shows to every client. Default: [`Expose::Reasons`].
    pub fn expose(mut self, level: Expose) -> Self {
        self.options.expose = level;
        self
    }

    /// Sets how much a response shows to the requests that match `rule`. With several rules the first match wins.
    pub fn expose_when(mut self, rule: impl Fn(&ProbeRequest<'_>) -> bool + Send + Sync + 'static, level: Expose) -> Self {
        self.options.expose_rules.push((Arc::new(rule), level));
        self
    }

    /// Sets whether `?exclude=` has an effect. Default: `true`.
    pub fn allow_exclude(mut self, allowed: bool) -> Self {
        self.options.ignores_exclude = !allowed;
        self
    }

    /// Sets the format of the body for requests that ask for no available format. Default: [`Format::Json`].
    pub fn format(mut self, format: Format) -> Self {
        self.options.format = format.or_json();
        self
    }

    /// Sets whether a degraded 200 of `/readyz` and `/health` has the header `x-envoy-degraded`. Envoy then prefers hosts
    /// that are not degraded. Default: `false`.
    pub fn envoy_degraded(mut self, enabled: bool) -> Self {
        self.options.envoy_degraded = enabled;
        self
    }

    /// Sets the status code of `/readyz` and `/health` while draining. The body stays the same. Default: 503.
    pub fn drain_code(mut self, code: DrainCode) -> Self {
        self.options.drain_code = code;
        self
    }

    /// Returns whether some request can see more than the status.
    #[cfg(feature = "openapi")]
    pub(crate) fn shows_checks(&self) -> bool {
        let levels = self.options.expose_rules.iter().map(|(_, level)| *level).chain([self.options.expose]);
        levels.max() > Some(Expose::Status)
    }

    pub(crate) fn routes(&self) -> Vec<Route> {
        self.routes.resolve()
    }

    /// Returns the path and the endpoint of the metrics, if they are served.
    #[cfg(feature = "prometheus")]
    pub(crate) fn metrics_endpoint(&self) -> Option<(String, MetricsEndpoint)> {
        self.routes.metrics_path().map(|path| (path, MetricsEndpoint::new(&self.health)))
    }

    /// Returns each path with its endpoint, or with the error of its configuration, which is logged.
    pub(crate) fn endpoints(&self) -> Vec<(String, Result<Endpoint, String>)> {
        let options = Arc::new(self.options.clone());
        let endpoint = |scope| Endpoint::new(self.health.clone(), scope, Arc::clone(&options));
        let routes = self.routes().into_iter().map(|Route { path, scope }| {
            let scope = scope.inspect_err(|problem| {
                let problem = problem.clone();
                notifier::log(move || tracing::error!("invalid health routes: {problem}"));
            });
            (path, scope.map(endpoint))
        });
        routes.collect()
    }
}
