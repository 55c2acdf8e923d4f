//! The endpoints as a router of axum.

use axum::Router;

use crate::http::service::HealthService;

impl HealthService {
    /// Feature `axum`: converts it to a router, for `Router::merge`, with any state. It works inside `Router::nest` too.
    ///
    /// It registers, for each path of the endpoints, the path, the path with a trailing slash and `{path}/{*rest}`; the metrics
    /// only their path. It has no fallback. A static route of the application below such a path stays the application's.
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use health_runtime::Health;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let health = Health::builder().start()?;
    /// let app: Router = Router::new()
    ///     .route("/", get(async || "orders"))
    ///     .merge(health.service().router())
    ///     .layer(health.layer());
    /// # drop(app);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// `Router::merge` panics, and names both routes, if the application has a route with a parameter below such a path, such as
    /// `/health/{x}`. Move the endpoints with [`prefix`](Self::prefix) or [`path`](Self::path).
    pub fn router<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        let endpoints = self.routes().into_iter().flat_map(|route| {
            let path = escape(&route.path);
            let below = [format!("{path}/"), format!("{path}/{{*rest}}")];
            // The path of `/` is empty.
            below.into_iter().chain(Some(path).filter(|path| !path.is_empty()))
        });
        #[cfg(feature = "prometheus")]
        let endpoints = endpoints.chain(self.metrics_endpoint().map(|(path, _)| escape(&path)));
        let paths: Vec<String> = endpoints.collect();
        let service = self.tower();
        paths.iter().fold(Router::new(), |router, path| router.route_service(path, service.clone()))
    }
}

/// Returns a path that axum matches literally.
fn escape(path: &str) -> String {
    path.replace('{', "{{").replace('}', "}}")
}

#[cfg(test)]
mod tests {
    use http::{Request, StatusCode};
    use tower_service::Service;

    use super::*;
    use crate::core::health::Health;
    use crate::core::model::status::{Kind, Scope};

    fn service() -> HealthService {
        Health::builder().linked_checks(false).start().unwrap().service()
    }

    async fn codes<const N: usize>(router: &mut Router, paths: [&str; N]) -> [u16; N] {
        let mut codes = [0; N];
        for (code, path) in codes.iter_mut().zip(paths) {
            let response = router.call(Request::get(path).body(axum::body::Body::empty()).unwrap()).await.unwrap();
            let is_ours = response.headers().contains_key("x-content-type-options");
            assert_eq!(is_ours, response.status() != StatusCode::IM_A_TEAPOT, "{path}");
            *code = response.status().as_u16();
        }
        codes
    }

    fn with_app(router: Router) -> Router {
        let teapot = async || StatusCode::IM_A_TEAPOT;
        let teapots = |router: Router, path: &str| router.route(path, axum::routing::any(teapot));
        let own = ["/", "/readyz/details", "/health2", "/api/{*rest}"];
        own.into_iter().fold(Router::new(), teapots).merge(router).fallback(teapot)
    }

    #[tokio::test]
    async fn a2_a_merged_router_takes_no_path_of_the_application() {
        let mut app = with_app(service().router());
        assert_eq!(codes(&mut app, ["/livez", "/readyz", "/readyz/", "/startupz", "/health", "/healthz"]).await, [200; 6]);
        assert_eq!(codes(&mut app, ["/readyz/nope", "/readyz//", "/readyz/a/b", "/healthz/nope"]).await, [404; 4]);
        let paths = ["/", "/readyz/details", "/health2", "/api/readyz", "/READYZ", "//readyz", "/readyzz", "/ready", "/nowhere"];
        assert_eq!(codes(&mut app, paths).await, [418; 9]);
    }

    #[tokio::test]
    async fn a2_a_nested_router_sees_its_paths_without_the_prefix() {
        let moved = service().prefix("/internal").path(Kind::Liveness, "/health/live").also_at(Scope::All, "/{all}");
        let rule = |request: &crate::ProbeRequest<'_>| request.path() == "/internal/readyz/%2F b";
        let moved = moved.expose_when(rule, crate::Expose::Status).expose(crate::Expose::Errors);
        let mut app = with_app(Router::new().nest("/orders", moved.router()));
        let paths =
            ["/orders/internal/health/live", "/orders/internal/readyz", "/orders/internal/health", "/orders/internal/{all}"];
        assert_eq!(codes(&mut app, paths).await, [200; 4]);
        assert_eq!(codes(&mut app, ["/orders/internal/health/live/x", "/orders/internal/readyz/%2F%20b"]).await, [404; 2]);
        assert_eq!(codes(&mut app, ["/internal/readyz", "/orders/internal/livez", "/orders/internal/other"]).await, [418; 3]);
    }

    #[tokio::test]
    async fn a_service_at_the_root_responds_to_every_other_path() {
        let mut app = with_app(service().path(Kind::Readiness, "/").prefix("/r").router());
        assert_eq!(codes(&mut app, ["/r", "/r/", "/r/livez"]).await, [200; 3]);
        let mut alone: Router = service().path(Kind::Readiness, "/").router();
        assert_eq!(codes(&mut alone, ["/", "/livez", "/health"]).await, [200; 3]);
        assert_eq!(codes(&mut alone, ["/nowhere", "/a/b"]).await, [404; 2]);
    }

    #[cfg(feature = "prometheus")]
    #[tokio::test]
    async fn the_metrics_have_exactly_their_path() {
        let mut app = with_app(service().prefix("/internal").metrics("/metrics").router());
        assert_eq!(codes(&mut app, ["/internal/metrics", "/internal/readyz"]).await, [200; 2]);
        assert_eq!(codes(&mut app, ["/metrics", "/internal/metrics/", "/internal/metrics/x"]).await, [418; 3]);
    }

    #[tokio::test]
    #[should_panic(
        expected = "Invalid route \"/health/{*rest}\": Insertion failed due to conflict with previously registered route: /health/{x}"
    )]
    async fn a_route_with_a_parameter_below_an_endpoint_is_refused() {
        let app: Router = Router::new().route("/health/{x}", axum::routing::get(async || "own"));
        let _ = app.merge(service().router());
    }
}
