//! What a drain needs from the requests of the application: it counts them while they are in flight, and closes their
//! connections while the process drains.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::header::{CONNECTION, HeaderName, HeaderValue};
use http::{Method, Request, Response, StatusCode, Version};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::adapters::{counted_request, load_metrics};
use crate::core::health::Health;
use crate::core::lifecycle::{Lifecycle, RequestGuard};

/// Layer that counts the requests in flight and closes keep-alive connections while draining. Created by [`Health::layer`]; add it
/// last, so that it also sees the responses of the other layers.
///
/// - From the start of the drain every response over HTTP/1 has `Connection: close`. When the server stops, only connections
///   remain that were idle during the entire drain; a client that finds its idle connection closed repeats the request. HTTP/2
///   has no such header and is left alone, as is an upgraded connection.
/// - A request counts, as `in_flight` of `?verbose`, from the call of its service until its body was passed to the connection or
///   dropped, so a stream counts until it ends. Probes, scrapes and gRPC health checks that this crate serves do not count.
#[derive(Clone)]
#[must_use = "add it to the application, such as with `Router::layer`"]
pub struct DrainLayer {
    lifecycle: Arc<Lifecycle>,
    sends_load: bool,
}

/// The service of a [`DrainLayer`].
#[derive(Clone)]
pub struct DrainService<S> {
    service: S,
    lifecycle: Arc<Lifecycle>,
    sends_load: bool,
}

pin_project! {
    /// The response of one request, which counts until then.
    pub struct DrainFuture<F> {
        #[pin]
        response: F,
        guard: Option<RequestGuard>,
        lifecycle: Arc<Lifecycle>,
        sends_load: bool,
        is_http_1: bool,
        is_connect: bool,
    }
}

pin_project! {
    /// A body whose request counts until the body is dropped.
    pub struct CountedBody<B> {
        #[pin]
        body: B,
        _guard: Option<RequestGuard>,
    }
}

impl Health {
    /// Feature `tower`: creates the layer for the drain, as [`middleware`](Self::middleware) does for actix-web.
    pub fn layer(&self) -> DrainLayer {
        DrainLayer { lifecycle: Arc::clone(&self.inner().lifecycle), sends_load: false }
    }
}

impl DrainLayer {
    /// Sets whether responses have the header `endpoint-load-metrics` of ORCA, which Envoy's client-side weighted round robin reads.
    /// Default: `false`.
    ///
    /// The value is `TEXT named_metrics.in_flight=12,rps_fractional=40.5`: the requests in flight, this one included, and the
    /// requests per second of the last whole 10 s, if there were some. Responses to probes have no such header. Every client sees
    /// the load unless a proxy removes the header.
    pub fn endpoint_load_metrics(self, enabled: bool) -> Self {
        Self { sends_load: enabled, ..self }
    }
}

impl<S> Layer<S> for DrainLayer {
    type Service = DrainService<S>;

    fn layer(&self, service: S) -> DrainService<S> {
        self.lifecycle.in_flight().enable();
        DrainService { service, lifecycle: Arc::clone(&self.lifecycle), sends_load: self.sends_load }
    }
}

impl<S, A, B> Service<Request<A>> for DrainService<S>
where
    S: Service<Request<A>, Response = Response<B>>,
{
    type Response = Response<CountedBody<B>>;
    type Error = S::Error;
    type Future = DrainFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let lifecycle = Arc::clone(&self.lifecycle);
        let (is_http_1, is_connect) = (request.version() <= Version::HTTP_11, request.method() == Method::CONNECT);
        let mut guard = counted_request::start(lifecycle.in_flight());
        let lent = counted_request::lend(&mut guard);
        let response = self.service.call(request);
        drop(lent);
        DrainFuture { response, guard, lifecycle, sends_load: self.sends_load, is_http_1, is_connect }
    }
}

impl<F, B, E> Future for DrainFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<CountedBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let lent = counted_request::lend(this.guard);
        let result = this.response.poll(cx);
        drop(lent);
        let result = ready!(result);
        let guard = this.guard.take();
        Poll::Ready(result.map(|mut response| {
            let status = response.status();
            let is_upgrade = status == StatusCode::SWITCHING_PROTOCOLS || *this.is_connect && status.is_success();
            if *this.is_http_1 && !is_upgrade && this.lifecycle.is_draining() {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            if *this.sends_load
                && guard.is_some()
                && let Ok(value) = HeaderValue::try_from(load_metrics::value(this.lifecycle.in_flight(), None))
            {
                response.headers_mut().insert(HeaderName::from_static(load_metrics::NAME), value);
            }
            response.map(|body| CountedBody { body, _guard: guard })
        }))
    }
}

impl<B: Body> Body for CountedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.project().body.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl fmt::Debug for DrainLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DrainLayer").field("in_flight", &self.lifecycle.in_flight().count()).finish_non_exhaustive()
    }
}
