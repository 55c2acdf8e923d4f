//! The answers over HTTP: the only place that knows actix-web's requests and responses.
//!
//! - here: which paths are ours, and how they are mounted.
//! - `endpoint`: one path and all below it.
//! - `prepared`: the answer that a worker gave last, while it holds.
//! - `answer`: a code, the headers of every answer, and a body.

mod answer;
mod endpoint;
mod prepared;

use actix_web::dev::{AppService, HttpServiceFactory, ResourceDef};

use crate::health::Health;
use crate::status::{Kind, Scope};
use endpoint::Endpoint;

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
/// let service = health.service().at("/internal").path(Kind::Liveness, "/health/live");
/// let app = test::init_service(App::new().service(service)).await;
/// for path in ["/internal/health/live", "/internal/readyz"] {
///     let answer = test::call_service(&app, test::TestRequest::with_uri(path).to_request()).await;
///     assert_eq!(answer.status(), 200);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "mount it with `App::service`"]
pub struct HealthService {
    health: Health,
    prefix: String,
    /// Paths given in place of the default ones, the latest of a scope first.
    paths: Vec<(Scope, String)>,
}

pub(crate) const DEFAULT_PATHS: [(Scope, &str); 5] = [
    (Scope::Kind(Kind::Readiness), "/readyz"),
    (Scope::Kind(Kind::Liveness), "/livez"),
    (Scope::Kind(Kind::Startup), "/startupz"),
    (Scope::Whole, "/healthz"),
    (Scope::Whole, "/health"),
];

impl HealthService {
    pub(crate) fn new(health: Health) -> Self {
        Self { health, prefix: String::new(), paths: Vec::new() }
    }

    /// Mounts every path below `prefix`, such as `/internal`. Default: none.
    pub fn at(mut self, prefix: &str) -> Self {
        self.prefix = normal(prefix);
        self
    }

    /// Answers for `scope` at `path` in place of its default path; for the whole in place of both. It wins over a check
    /// of another path: with `/health/live` for liveness, `/health/{check}` never means a check called `live`.
    pub fn path(mut self, scope: impl Into<Scope>, path: &str) -> Self {
        let scope = scope.into();
        self.paths.retain(|(held, _)| *held != scope);
        self.paths.push((scope, normal(path)));
        self
    }

    /// Every path with its scope. The longest come first, because the first that fits answers.
    fn routes(&self) -> Vec<(Scope, String)> {
        let given = |scope: &Scope| self.paths.iter().any(|(held, _)| held == scope);
        let defaults = DEFAULT_PATHS.iter().filter(|(scope, _)| !given(scope)).map(|(scope, path)| (*scope, (*path).to_owned()));
        let mut routes: Vec<_> = self.paths.iter().cloned().chain(defaults).collect();
        routes.sort_by_key(|(_, path)| std::cmp::Reverse(path.matches('/').count()));
        routes.into_iter().map(|(scope, path)| (scope, format!("{}{path}", self.prefix))).collect()
    }
}

/// With a slash in front and none behind.
pub(crate) fn normal(path: &str) -> String {
    let path = path.trim_end_matches('/');
    if path.is_empty() || path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
}

impl HttpServiceFactory for HealthService {
    fn register(self, config: &mut AppService) {
        for (scope, path) in self.routes() {
            let endpoint = Endpoint::new(self.health.clone(), scope);
            config.register_service(ResourceDef::prefix(path), None, endpoint, None);
        }
    }
}
