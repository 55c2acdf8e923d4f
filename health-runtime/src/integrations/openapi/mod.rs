//! Describes the endpoints in the OpenAPI document of the application, through [utoipa](https://docs.rs/utoipa/6).
//!
//! Needs the feature `openapi`, and utoipa 6 in the application. A service describes its own paths, prefix and query parameters:
//!
//! ```
//! use health_runtime::{Health, Kind};
//! use utoipa::openapi::{Info, OpenApi, Paths};
//!
//! # #[actix_web::main]
//! # async fn main() -> Result<(), health_runtime::StartError> {
//! let health = Health::builder().start()?;
//! let service = health.service().prefix("/internal").path(Kind::Liveness, "/health/live");
//! let document = OpenApi::new(Info::new("orders", "1.4.2"), Paths::new());
//! let document = document.merge_from(service.openapi());
//! assert!(document.paths.get_path_item("/internal/health/live").is_some());
//! assert!(document.paths.get_path_item("/internal/readyz/{check}").is_some());
//! # Ok(())
//! # }
//! ```
//!
//! - Only `GET` is described; `HEAD` and `OPTIONS` are supported too.
//! - The schemas are called `HealthReport`, `HealthCheckReport` and `HealthError`, because `merge` ignores a schema whose
//!   name is already used. [`Report`] and [`CheckReport`] implement `ToSchema` under these names, for an application
//!   endpoint that returns one.
//! - The other formats are listed by media type, without a schema.

mod operations;
mod schemas;

use utoipa::openapi::schema::ComponentsBuilder;
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{Info, OpenApi as Document, OpenApiBuilder, PathsBuilder};
use utoipa::{Modify, OpenApi};

use crate::core::model::status::Scope;
use crate::core::report::{CheckReport, Report};
use crate::http::{routes::DEFAULT_PATHS, service::HealthService};

/// The tag of every operation.
const TAG: &str = "health";

/// Describes the default paths, for a derived document. [`HealthService::openapi`] describes the paths of a service.
///
/// ```
/// use health_runtime::openapi::HealthApi;
/// use utoipa::OpenApi;
///
/// #[derive(OpenApi)]
/// #[openapi(info(title = "orders", version = "1.4.2"), modifiers(&HealthApi))]
/// struct OrdersApi;
///
/// assert!(OrdersApi::openapi().paths.get_path_item("/readyz").is_some());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HealthApi;

impl OpenApi for HealthApi {
    fn openapi() -> Document {
        document(DEFAULT_PATHS.iter().copied(), SupportedParams { checks: true, exclude: true })
    }
}

impl Modify for HealthApi {
    fn modify(&self, document: &mut Document) {
        document.merge(Self::openapi());
    }
}

impl HealthService {
    /// Feature `openapi`: returns the paths of this service for the OpenAPI document of the application; see
    /// [`openapi`](crate::openapi).
    ///
    /// For a service that never exposes more than the status, the document has no `/readyz/{check}` and only the query parameter
    /// `?format=`.
    pub fn openapi(&self) -> Document {
        let routes = self.routes();
        let params = SupportedParams { checks: self.shows_checks(), exclude: !self.options.ignores_exclude };
        document(routes.iter().filter_map(|route| Some((*route.scope.as_ref().ok()?, route.path.as_str()))), params)
    }
}

/// The query parameters and paths that a service supports.
#[derive(Clone, Copy)]
struct SupportedParams {
    /// The path of a single check, `?tag=` and `?verbose`.
    checks: bool,
    exclude: bool,
}

fn document<'p>(routes: impl Iterator<Item = (Scope, &'p str)>, params: SupportedParams) -> Document {
    let mut paths = PathsBuilder::new();
    for (scope, path) in routes {
        paths = paths.path(if path.is_empty() { "/" } else { path }, operations::scope_operation(scope, path, params));
        if params.checks {
            paths = paths.path(format!("{path}/{{check}}"), operations::check_operation(scope, path, params));
        }
    }
    let schemas = ComponentsBuilder::new()
        .schema_from::<Report>()
        .schema_from::<CheckReport>()
        .schema(schemas::ERROR, schemas::error())
        .build();
    let tag = TagBuilder::new().name(TAG).description(Some("Liveness, readiness, startup and overall health")).build();
    OpenApiBuilder::new()
        .info(Info::new("health", env!("CARGO_PKG_VERSION")))
        .paths(paths)
        .components(Some(schemas))
        .tags(Some([tag]))
        .build()
}
