//! The requests of the application: counted while they are under way, and while the process drains answered so that
//! their clients come back on another connection.

use std::fmt;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ResponseHead, Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::header::{CONNECTION, HeaderValue};
use actix_web::http::{ConnectionType, StatusCode, Version};
use actix_web::web::Bytes;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError};
use futures_util::future::LocalBoxFuture;

use crate::core::lifecycle::{Lifecycle, RequestGuard};

/// Makes a drain lose no request, wrapped around the whole application with `App::wrap`. Made by
/// [`Health::middleware`](crate::Health::middleware).
///
/// - From the beginning of the drain on, every answer that passes through it says `Connection: close`: a client with
///   keep-alive opens its next connection where the load balancer sends it now. What is left when the server stops are
///   connections that were idle through the whole drain; a client that finds its idle connection closed repeats the
///   request. HTTP/2 has no such header and is left alone, and so is a connection that is upgraded.
/// - It counts the requests under way, which `?verbose` shows as `in_flight`: each from the call of its service until
///   its body was handed to the connection or dropped, so a stream or a WebSocket counts for as long as it lasts. Probes
///   and scrapes that this crate answers are no requests of the application and do not count.
///
/// Wrap it last, and so around all other middleware: then it sees what those answer too.
///
/// ```
/// use actix_web::{App, HttpResponse, test, web};
/// use health_runtime::Health;
///
/// # #[actix_web::main]
/// # async fn main() -> Result<(), health_runtime::StartError> {
/// let health = Health::builder().start()?;
/// let app = App::new()
///     .service(health.service())
///     .route("/orders", web::get().to(HttpResponse::Ok))
///     .wrap(health.middleware());
/// let app = test::init_service(app).await;
/// let ask = async || test::call_service(&app, test::TestRequest::with_uri("/orders").to_request()).await;
/// assert!(ask().await.headers().get("connection").is_none());
/// health.drain();
/// assert_eq!(ask().await.headers().get("connection").unwrap(), "close");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "wrap it around the application with `App::wrap`"]
pub struct DrainMiddleware {
    lifecycle: Arc<Lifecycle>,
}

/// The middleware in one worker.
pub struct Drained<S> {
    service: S,
    lifecycle: Arc<Lifecycle>,
}

/// The body of a request that counts until it is gone.
pub struct Counted {
    body: BoxBody,
    _tickets: [Option<RequestGuard>; 2],
}

impl DrainMiddleware {
    pub(crate) fn new(lifecycle: Arc<Lifecycle>) -> Self {
        Self { lifecycle }
    }
}

impl fmt::Debug for DrainMiddleware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DrainMiddleware").field("in_flight", &self.lifecycle.in_flight().count()).finish_non_exhaustive()
    }
}

/// Takes a request out of the count: it asks for the health, not for the application.
pub(crate) fn leave(lifecycle: &Lifecycle, req: &ServiceRequest) {
    if lifecycle.in_flight().is_enabled() {
        req.extensions_mut().remove::<RequestGuard>();
    }
}

/// Says that the connection ends with this answer.
fn close(version: Version, head: &mut ResponseHead) {
    if version <= Version::HTTP_11 && !head.upgrade() {
        // This is what actix writes; the header is for whoever looks at the answer before that.
        head.set_connection_type(ConnectionType::Close);
        head.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
}

impl<S, B> Transform<S, ServiceRequest> for DrainMiddleware
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<Counted>;
    type Error = Error;
    type Transform = Drained<S>;
    type InitError = ();
    type Future = Ready<Result<Drained<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        self.lifecycle.in_flight().enable();
        ready(Ok(Drained { service, lifecycle: Arc::clone(&self.lifecycle) }))
    }
}

impl<S, B> Service<ServiceRequest> for Drained<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<Counted>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Error>>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&self, req: ServiceRequest) -> Self::Future {
        let (lifecycle, version) = (Arc::clone(&self.lifecycle), req.version());
        let in_flight = lifecycle.in_flight();
        // The ticket travels with the request, so that it is given back wherever that is dropped. One of ours that is
        // there already is from a second wrap, one of another health is kept.
        let held = req.extensions_mut().insert(in_flight.start());
        let others = held.filter(|ticket| !ticket.belongs_to(in_flight));
        let answering = self.service.call(req);
        Box::pin(async move {
            let answer = answering.await;
            let draining = lifecycle.phase().draining;
            let mut answer = match answer {
                Err(error) if draining => return Err(Closing { error, version }.into()),
                answer => answer?,
            };
            if draining {
                close(version, answer.response_mut().head_mut());
            }
            let ours = answer.request().extensions_mut().remove::<RequestGuard>();
            Ok(answer.map_body(|_, body| Counted { body: body.boxed(), _tickets: [ours, others] }))
        })
    }
}

impl MessageBody for Counted {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.get_mut().body.as_pin_mut().poll_next(cx)
    }
}

/// An error that actix will make the answer of.
#[derive(Debug)]
struct Closing {
    error: Error,
    version: Version,
}

impl fmt::Display for Closing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl ResponseError for Closing {
    fn status_code(&self) -> StatusCode {
        self.error.as_response_error().status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = self.error.error_response();
        close(self.version, answer.head_mut());
        answer
    }
}
