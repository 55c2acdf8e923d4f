//! The endpoints as one tower service.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower_service::Service;

use super::path::decode;
use super::request::probe_request;
use super::response::respond;
use crate::adapters::counted_request;
use crate::core::health::Health;
use crate::http::endpoint::{Endpoint, Step};
#[cfg(feature = "prometheus")]
use crate::http::metrics::MetricsEndpoint;
use crate::http::request::ProbeRequest;
use crate::http::response::ProbeResponse;
use crate::http::response_cache::ResponseCache;
use crate::http::service::HealthService;

/// The endpoints as a tower service, for axum, hyper and every other server on tower. Created by [`HealthService::tower`].
///
/// It responds to requests with any body, which it does not read. Clones share the prepared responses. A path of no endpoint
/// returns 404 with `{"error":"not found"}`.
///
/// The runtime that polls the response keeps the deadline: polling it outside a tokio runtime with timers panics.
#[derive(Clone)]
pub struct TowerHealth {
    mounted: Arc<Mounted>,
}

/// What the clones of a service share.
struct Mounted {
    health: Health,
    /// Those with the most segments first: the first one that matches responds.
    endpoints: Vec<Arc<MountedEndpoint>>,
    #[cfg(feature = "prometheus")]
    metrics: Option<(String, MetricsEndpoint)>,
}

struct MountedEndpoint {
    path: String,
    /// The error if its path is configured for several scopes.
    endpoint: Result<Endpoint, String>,
    cache: ResponseCache,
}

/// The response of [`TowerHealth`].
pub struct ResponseFuture(ResponseState);

enum ResponseState {
    Ready(Option<ProbeResponse>),
    Evaluating(Pin<Box<dyn Future<Output = ProbeResponse> + Send>>),
}

impl HealthService {
    /// Feature `tower`: converts it to a tower service, which also serves the requests of a bare hyper server.
    ///
    /// With the feature `axum`, [`router`](Self::router) leaves every other path to the application. A rule of
    /// [`expose_when`](Self::expose_when) gets the address of the client from an extension of the request: axum's
    /// `ConnectInfo<SocketAddr>`, or a `SocketAddr` that the server inserted.
    ///
    /// ```
    /// use health_runtime::Health;
    /// use http::Request;
    /// use tower_service::Service;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let health = Health::builder().start()?;
    /// let mut service = health.service().prefix("/internal").tower();
    /// let response = service.call(Request::get("/internal/readyz").body(())?).await?;
    /// assert_eq!(response.status(), 200);
    /// # Ok(())
    /// # }
    /// ```
    pub fn tower(self) -> TowerHealth {
        let mount = |(path, endpoint)| Arc::new(MountedEndpoint { path, endpoint, cache: ResponseCache::default() });
        let endpoints = self.endpoints().into_iter().map(mount).collect();
        #[cfg(feature = "prometheus")]
        let metrics = self.metrics_endpoint();
        let mounted = Mounted {
            endpoints,
            #[cfg(feature = "prometheus")]
            metrics,
            health: self.health,
        };
        TowerHealth { mounted: Arc::new(mounted) }
    }
}

impl TowerHealth {
    pub(super) fn respond<B>(&self, request: Request<B>) -> ResponseFuture {
        counted_request::stop(self.mounted.health.inner().lifecycle.in_flight());
        let (parts, _) = request.into_parts();
        ResponseFuture(self.mounted.respond(&probe_request(&parts, &decode(parts.uri.path()))))
    }
}

impl Mounted {
    fn respond(&self, request: &ProbeRequest<'_>) -> ResponseState {
        // First, because the path of an endpoint, such as `/`, may be a prefix of theirs.
        #[cfg(feature = "prometheus")]
        if let Some((_, metrics)) = self.metrics.as_ref().filter(|(path, _)| *path == request.path) {
            return ResponseState::Ready(Some(metrics.respond(request)));
        }
        for mounted in &self.endpoints {
            if let Some(subpath) = subpath(request.path, &mounted.path) {
                return Arc::clone(mounted).respond(&ProbeRequest { subpath, ..*request });
            }
        }
        ready(request, ProbeResponse::error(404, "not found"))
    }
}

impl MountedEndpoint {
    fn respond(self: Arc<Self>, request: &ProbeRequest<'_>) -> ResponseState {
        let endpoint = match &self.endpoint {
            Ok(endpoint) => endpoint,
            Err(problem) => return ready(request, ProbeResponse::error(503, problem)),
        };
        match endpoint.prepare(&self.cache, request) {
            Step::Ready(response) => ResponseState::Ready(Some(response)),
            Step::Evaluate(evaluation) => {
                let endpoint = endpoint.clone();
                ResponseState::Evaluating(Box::pin(async move { endpoint.evaluate(&self.cache, evaluation).await }))
            }
        }
    }
}

/// Responds with a response that does not depend on the method of the request.
fn ready(request: &ProbeRequest<'_>, response: ProbeResponse) -> ResponseState {
    let response = if request.method == "HEAD" { response.for_head() } else { response };
    ResponseState::Ready(Some(response))
}

/// Returns the part of a path below an endpoint: empty, or with a leading slash.
fn subpath<'p>(path: &'p str, endpoint: &str) -> Option<&'p str> {
    path.strip_prefix(endpoint).filter(|rest| endpoint.is_empty() || rest.is_empty() || rest.starts_with('/'))
}

impl<B> Service<Request<B>> for TowerHealth {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> ResponseFuture {
        self.respond(request)
    }
}

impl Future for ResponseFuture {
    type Output = Result<Response<Full<Bytes>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let response = match &mut self.get_mut().0 {
            ResponseState::Ready(response) => response.take().map_or(Poll::Pending, Poll::Ready),
            ResponseState::Evaluating(response) => response.as_mut().poll(cx),
        };
        response.map(|response| Ok(respond(response)))
    }
}

impl fmt::Debug for TowerHealth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths: Vec<_> = self.mounted.endpoints.iter().map(|mounted| &mounted.path).collect();
        f.debug_struct("TowerHealth").field("paths", &paths).finish_non_exhaustive()
    }
}

impl fmt::Debug for ResponseFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
