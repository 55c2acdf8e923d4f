//! The answers over HTTP: the only place that knows actix-web's requests and responses.
//!
//! - here: the service, and how it is mounted.
//! - `routes`: which path answers for which scope.
//! - `endpoint`: one path and all below it.
//! - `prepared`: the answer that a worker gave last, while it holds.
//! - `terms`: how much it shows and to whom, what it hears, and in which format.
//! - `query`, `negotiation`: what a request asks for behind the `?` and in `Accept`.
//! - `answer`: a code, the headers of every answer, and a body.
//! - `proxies`: what some load balancers read that others do not.
//! - `drain`: what is done for the requests of the application.
//! - `heartbeat`: a worker notes that its loop turns.
//! - `listener`: all of it on a port of its own.
//! - `metrics`: `/metrics`, for an application that has no registry of its own.

use std::fmt;
use std::future::{Ready, ready};
use std::rc::Rc;

use actix_web::Error;
use actix_web::dev::{AppService, HttpServiceFactory, ResourceDef, ServiceRequest, ServiceResponse, fn_service};
use actix_web::guard::Guard;

use super::options::Terms;
use super::proxies::DrainCode;
use super::response as answer;
use super::routes::{Route, Routes, normal};
use crate::adapters::actix::endpoint::Endpoint;
use crate::adapters::actix::heartbeat::Heartbeat;
use crate::core::health::Health;
use crate::core::model::status::Scope;
use crate::core::report::view::Expose;
use crate::http::format::Format;

/// The endpoints, to mount with `App::service`, inside a scope too. Made by [`Health::service`].
///
/// Every path below a prefix and other names for the paths:
///
/// ```
/// use actix_web::{App, test};
/// use health_runtime::{Health, Kind};
///
/// # #[actix_web::main]
/// # async fn main() -> Result<(), health_runtime::StartError> {
/// let health = Health::builder().start()?;
/// let service = health.service().prefix("/internal").path(Kind::Liveness, "/health/live");
/// let app = test::init_service(App::new().service(service)).await;
/// for path in ["/internal/health/live", "/internal/readyz"] {
///     let answer = test::call_service(&app, test::TestRequest::with_uri(path).to_request()).await;
///     assert_eq!(answer.status(), 200);
/// }
/// # Ok(())
/// # }
/// ```
///
/// Where it is mounted among middleware decides what becomes of a probe: see
/// [`guide::under_middleware`](crate::guide::under_middleware).
#[must_use = "mount it with `App::service`"]
pub struct HealthService {
    health: Health,
    routes: Routes,
    terms: Terms,
    /// Not mounted in the application's server: its worker says nothing of those.
    is_apart: bool,
}

impl fmt::Debug for HealthService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HealthService").field("routes", &self.routes()).finish_non_exhaustive()
    }
}

impl HealthService {
    pub(crate) fn new(health: Health) -> Self {
        Self { health, routes: Routes::default(), terms: Terms::default(), is_apart: false }
    }

    /// Mounts every path below `prefix`, such as `/internal`. Default: none.
    pub fn prefix(mut self, prefix: &str) -> Self {
        self.routes.prefix = normal(prefix);
        self
    }

    /// Answers for `scope` at `path` in place of its default path; for the whole in place of both. It wins over a check
    /// of another path: with `/health/live` for liveness, `/health/{check}` never means a check called `live`.
    ///
    /// It takes all below it too, so `/` takes every path that nothing before it has. A path that two scopes have, such as
    /// `/readyz` given to liveness while readiness is there, is a 503 that says so, and an error in the log. At `/health` or
    /// `/healthz` another scope takes the place of the whole, which then has the other one of the two.
    pub fn path(mut self, scope: impl Into<Scope>, path: &str) -> Self {
        self.routes.give(scope.into(), path);
        self
    }

    /// How much everybody sees. Default: [`Expose::Reasons`].
    pub fn expose(mut self, level: Expose) -> Self {
        self.terms.expose = level;
        self
    }

    /// How much a request sees that passes `guard`. Of several guards the first that lets it pass counts.
    ///
    /// Two services show two readers the same checks, which run once for both:
    ///
    /// ```
    /// use actix_web::{App, guard, test};
    /// use health_runtime::{Expose, Health};
    ///
    /// # #[actix_web::main]
    /// # async fn main() -> Result<(), health_runtime::StartError> {
    /// let health = Health::builder().version("1.4.2").start()?;
    /// let operators = guard::Header("x-operator", "yes");
    /// let service = health.service().expose(Expose::Status).expose_when(operators, Expose::Errors);
    /// let app = test::init_service(App::new().service(service)).await;
    /// let request = test::TestRequest::with_uri("/readyz").to_request();
    /// let body = test::call_and_read_body(&app, request).await;
    /// assert_eq!(body, r#"{"status":"healthy"}"#);
    /// # Ok(())
    /// # }
    /// ```
    pub fn expose_when(mut self, guard: impl Guard + 'static, level: Expose) -> Self {
        self.terms.guarded.push((Rc::new(guard), level));
        self
    }

    /// Whether `?exclude=` is heard. Default: `true`.
    pub fn allow_exclude(mut self, allowed: bool) -> Self {
        self.terms.exclude = allowed;
        self
    }

    /// The format of the body where a request asks for none that there is. Default: [`Format::Json`].
    pub fn format(mut self, format: Format) -> Self {
        self.terms.format = format.or_json();
        self
    }

    /// Whether `/readyz` and `/health` have the header `x-envoy-degraded` in a 200 that is degraded: Envoy then sends
    /// requests elsewhere while there are hosts that are not. Default: `false`.
    ///
    /// ```
    /// use actix_web::{App, test};
    /// use health_runtime::{Check, Health, Outcome};
    ///
    /// # #[actix_web::main]
    /// # async fn main() -> Result<(), health_runtime::StartError> {
    /// let lag = Check::readiness("lag", || async { Outcome::degraded("12s behind") });
    /// let health = Health::builder().check(lag).start()?;
    /// let app = test::init_service(App::new().service(health.service().envoy_degraded(true))).await;
    /// let answer = test::call_service(&app, test::TestRequest::with_uri("/readyz").to_request()).await;
    /// assert!(answer.status() == 200 && answer.headers().contains_key("x-envoy-degraded"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn envoy_degraded(mut self, enabled: bool) -> Self {
        self.terms.proxies.envoy_degraded = enabled;
        self
    }

    /// The code of `/readyz` and `/health` while draining; the body stays the same. Default: 503.
    ///
    /// ```
    /// use actix_web::{App, test};
    /// use health_runtime::{DrainCode, Health};
    ///
    /// # #[actix_web::main]
    /// # async fn main() -> Result<(), health_runtime::StartError> {
    /// let health = Health::builder().start()?;
    /// let service = health.service().drain_code(DrainCode::NotFound); // HAProxy: `http-check disable-on-404`
    /// let app = test::init_service(App::new().service(service)).await;
    /// health.drain();
    /// let answer = test::call_service(&app, test::TestRequest::with_uri("/readyz").to_request()).await;
    /// assert_eq!(answer.status(), 404);
    /// # Ok(())
    /// # }
    /// ```
    pub fn drain_code(mut self, code: DrainCode) -> Self {
        self.terms.proxies.drain_code = code;
        self
    }

    pub(crate) fn apart(mut self) -> Self {
        self.is_apart = true;
        self
    }

    /// Whether there is a request that sees more than the status.
    #[cfg(feature = "openapi")]
    pub(crate) fn shows_checks(&self) -> bool {
        self.terms.levels().any(|level| level > Expose::Status)
    }

    #[cfg(feature = "openapi")]
    pub(crate) fn hears_exclude(&self) -> bool {
        self.terms.exclude
    }

    pub(crate) fn routes(&self) -> Vec<Route> {
        self.routes.all()
    }
}

impl HttpServiceFactory for HealthService {
    fn register(self, config: &mut AppService) {
        let routes = self.routes();
        let terms = Rc::new(self.terms);
        let heartbeat = if self.is_apart { None } else { Heartbeat::begin(self.health.inner()).map(Rc::new) };
        for Route { path, scope } in routes {
            let at = ResourceDef::prefix(path);
            match scope {
                Ok(scope) => {
                    let endpoint = Endpoint::new(self.health.clone(), scope, Rc::clone(&terms), heartbeat.clone());
                    config.register_service(at, None, endpoint, None);
                }
                Err(mistake) => {
                    tracing::error!("health is mounted wrong: {mistake}");
                    config.register_service(at, None, fn_service(move |req| misplaced(req, &mistake)), None);
                }
            }
        }
    }
}

/// What was mounted there cannot answer for anything.
fn misplaced(req: ServiceRequest, mistake: &str) -> Ready<Result<ServiceResponse, Error>> {
    let answer = answer::misplaced(req.method(), mistake);
    ready(Ok(req.into_response(answer)))
}
