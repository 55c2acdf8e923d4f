//! What a drain needs from the requests of the application: it counts them while they are in flight, and closes their
//! connections while the process drains.

use std::error::Error as StdError;
use std::fmt;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{ResponseHead, Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::header::{CONNECTION, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, StatusCode, Version};
use actix_web::{Error, HttpResponse, ResponseError};
use bytes::Bytes;
use pin_project_lite::pin_project;

use super::heartbeat::Heartbeat;
use crate::adapters::{counted_request, load_metrics};
use crate::core::health::Health;
use crate::core::health_inner::HealthInner;
use crate::core::lifecycle::{Lifecycle, RequestGuard};

/// Middleware that counts the requests in flight and closes keep-alive connections while draining. Created by
/// [`Health::middleware`]; call `.wrap` with it last, so that it also sees the responses of the other middleware.
/// [`guide::under_middleware`](crate::guide::under_middleware) has an example.
///
/// - From the start of the drain every response that passes through it has `Connection: close`. When the server stops, only
///   connections remain that were idle during the entire drain; a client that finds its idle connection closed repeats the
///   request. HTTP/2 has no such header and is left alone, as is an upgraded connection.
/// - A request counts, as `in_flight` of `?verbose`, from the call of its service until its body was passed to the connection
///   or dropped, so a stream or a WebSocket counts until it ends. Probes and scrapes that this crate serves do not count.
/// - Each worker that has it records a heartbeat, for [`watch_workers`](crate::HealthBuilder::watch_workers), also where the
///   probes are on a [dedicated port](Health::listen).
#[derive(Clone)]
#[must_use = "wrap it around the application with `App::wrap`"]
pub struct DrainMiddleware {
    lifecycle: Arc<Lifecycle>,
    /// Weak, as the middleware needs no check.
    health: Weak<HealthInner>,
    sends_load: bool,
}

impl DrainMiddleware {
    /// Sets whether responses have the header `endpoint-load-metrics` of ORCA, which Envoy's client-side weighted round robin reads.
    /// Default: `false`.
    ///
    /// The value is `TEXT named_metrics.in_flight=12,rps_fractional=40.5,named_metrics.worker_lag_seconds=0.2`: the requests in
    /// flight, this one included, the requests per second of the last whole 10 s, if there were some, and with
    /// [`watch_workers`](crate::HealthBuilder::watch_workers) the age of the oldest worker heartbeat. Responses to probes have no
    /// such header. Every client sees the load unless a proxy removes the header.
    pub fn endpoint_load_metrics(self, enabled: bool) -> Self {
        Self { sends_load: enabled, ..self }
    }
}

/// The middleware in one worker.
pub struct DrainMiddlewareService<S> {
    service: S,
    shared: Rc<Shared>,
    _heartbeat: Option<Heartbeat>,
}

/// What each response of one worker needs.
struct Shared {
    lifecycle: Arc<Lifecycle>,
    /// Set where responses have load metrics.
    load: Option<Weak<HealthInner>>,
}

pin_project! {
    /// The response of one request, which counts until then.
    pub struct DrainFuture<F> {
        #[pin]
        response: F,
        guard: Option<RequestGuard>,
        shared: Rc<Shared>,
        version: Version,
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
    /// Feature `actix`: creates the middleware for the drain. Create one in each call of the `App` factory.
    pub fn middleware(&self) -> DrainMiddleware {
        DrainMiddleware {
            lifecycle: Arc::clone(&self.inner().lifecycle),
            health: Arc::downgrade(self.inner()),
            sends_load: false,
        }
    }
}

impl fmt::Debug for DrainMiddleware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DrainMiddleware").field("in_flight", &self.lifecycle.in_flight().count()).finish_non_exhaustive()
    }
}

/// Makes a response the last one of its connection.
fn close_connection<B>(version: Version, result: Result<ServiceResponse<B>, Error>) -> Result<ServiceResponse<B>, Error> {
    match result {
        Ok(mut response) => {
            set_connection_close(version, response.response_mut().head_mut());
            Ok(response)
        }
        Err(error) => Err(ClosingError { error, version }.into()),
    }
}

fn set_connection_close(version: Version, head: &mut ResponseHead) {
    if version <= Version::HTTP_11 && !head.upgrade() {
        // actix sends the header for the connection type. Outer middleware and tests see only the header that is set here.
        head.set_connection_type(ConnectionType::Close);
        head.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
}

impl<S, B> Transform<S, ServiceRequest> for DrainMiddleware
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<CountedBody<B>>;
    type Error = Error;
    type Transform = DrainMiddlewareService<S>;
    type InitError = ();
    type Future = Ready<Result<DrainMiddlewareService<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        self.lifecycle.in_flight().enable();
        let heartbeat = self.health.upgrade().and_then(|health| Heartbeat::spawn(&health));
        let load = self.sends_load.then(|| Weak::clone(&self.health));
        let shared = Rc::new(Shared { lifecycle: Arc::clone(&self.lifecycle), load });
        ready(Ok(DrainMiddlewareService { service, shared, _heartbeat: heartbeat }))
    }
}

impl<S, B> Service<ServiceRequest> for DrainMiddlewareService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<CountedBody<B>>;
    type Error = Error;
    type Future = DrainFuture<S::Future>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&self, req: ServiceRequest) -> Self::Future {
        let version = req.version();
        let mut guard = counted_request::start(self.shared.lifecycle.in_flight());
        let lent = counted_request::lend(&mut guard);
        let response = self.service.call(req);
        drop(lent);
        DrainFuture { response, guard, shared: Rc::clone(&self.shared), version }
    }
}

impl<F, B> Future for DrainFuture<F>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
{
    type Output = Result<ServiceResponse<CountedBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let lent = counted_request::lend(this.guard);
        let result = this.response.poll(cx);
        drop(lent);
        let (mut result, guard) = (ready!(result), this.guard.take());
        let Shared { lifecycle, load } = &**this.shared;
        if lifecycle.is_draining() {
            result = close_connection(*this.version, result);
        }
        if let (Some(health), Some(_), Ok(response)) = (load, &guard, &mut result) {
            let value = load_metrics::value(lifecycle.in_flight(), health.upgrade().as_deref());
            if let Ok(value) = HeaderValue::try_from(value) {
                response.headers_mut().insert(HeaderName::from_static(load_metrics::NAME), value);
            }
        }
        Poll::Ready(result.map(|response| response.map_body(|_, body| CountedBody { body, _guard: guard })))
    }
}

impl<B: MessageBody> MessageBody for CountedBody<B> {
    type Error = Box<dyn StdError>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.project().body.poll_next(cx).map_err(Into::into)
    }
}

/// An error that actix converts to a response, which closes the connection.
#[derive(Debug)]
struct ClosingError {
    error: Error,
    version: Version,
}

impl fmt::Display for ClosingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl ResponseError for ClosingError {
    fn status_code(&self) -> StatusCode {
        self.error.as_response_error().status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = self.error.error_response();
        set_connection_close(self.version, response.head_mut());
        response
    }
}
