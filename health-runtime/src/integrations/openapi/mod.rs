//! The endpoints in the OpenAPI document of the application, through [utoipa].
//!
//! A service describes itself, with the paths, the prefix and the arguments that it has:
//!
//! ```
//! use health_runtime::{Health, Kind};
//! use utoipa::openapi::{Info, OpenApi, Paths};
//!
//! # #[actix_web::main]
//! # async fn main() -> Result<(), health_runtime::StartError> {
//! let health = Health::builder().start()?;
//! let service = health.service().prefix("/internal").path(Kind::Liveness, "/health/live");
//! let document = OpenApi::new(Info::new("orders", "1.4.2"), Paths::new()).merge_from(service.openapi());
//! assert!(document.paths.get_path_item("/internal/health/live").is_some());
//! assert!(document.paths.get_path_item("/internal/readyz/{check}").is_some());
//! # Ok(())
//! # }
//! ```
//!
//! Where there is no service at hand, [`HealthApi`] describes one with the default paths.
//!
//! - Only `GET` is described; `HEAD` and `OPTIONS` answer alike.
//! - The schemas are called `HealthReport`, `HealthCheckReport` and `HealthError`, because `merge` passes over a schema whose
//!   name is taken. [`Report`] and [`CheckReport`] are `ToSchema` under these names, for an endpoint of yours that answers
//!   with one.
//! - The bodies of the other formats are named and not described further.

mod operations;
mod schemas;

use utoipa::openapi::schema::ComponentsBuilder;
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{Info, OpenApi as Document, OpenApiBuilder, PathsBuilder};
use utoipa::{Modify, OpenApi};

use crate::core::model::report::{CheckReport, Report};
use crate::core::model::status::Scope;
use crate::http::{routes::DEFAULT_PATHS, service::HealthService};

/// The tag of every operation.
const TAG: &str = "health";

/// The default paths, for a document that is derived. [`HealthService::openapi`] knows the paths of a service.
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
        document(DEFAULT_PATHS.iter().copied(), Heard { checks: true, exclude: true })
    }
}

impl Modify for HealthApi {
    fn modify(&self, document: &mut Document) {
        document.merge(Self::openapi());
    }
}

impl HealthService {
    /// The paths of this service, for the OpenAPI document of the application; see [`openapi`](crate::openapi).
    ///
    /// A service that shows nobody more than the status has neither `/readyz/{check}` nor any argument but `?format=` in it.
    #[cfg_attr(docsrs, doc(cfg(feature = "openapi")))]
    pub fn openapi(&self) -> Document {
        let routes = self.routes();
        let heard = Heard { checks: self.shows_checks(), exclude: self.allows_exclude() };
        document(routes.iter().filter_map(|route| Some((*route.scope.as_ref().ok()?, route.path.as_str()))), heard)
    }
}

/// What a service hears.
#[derive(Clone, Copy)]
struct Heard {
    /// One check alone, `?tag=` and `?verbose`.
    checks: bool,
    exclude: bool,
}

fn document<'p>(routes: impl Iterator<Item = (Scope, &'p str)>, heard: Heard) -> Document {
    let mut paths = PathsBuilder::new();
    for (scope, path) in routes {
        paths = paths.path(if path.is_empty() { "/" } else { path }, operations::of_all(scope, path, heard));
        if heard.checks {
            paths = paths.path(format!("{path}/{{check}}"), operations::of_one(scope, path, heard));
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
