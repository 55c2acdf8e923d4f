//! The least that a middleware must do to count a request until its body is sent: wrap the future and the body.

use std::future::{Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::Error;
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use bytes::Bytes;
use pin_project_lite::pin_project;

/// The reference count is the number of requests.
#[derive(Default)]
pub(crate) struct BareMiddleware(Arc<()>);

pub(crate) struct BareService<S> {
    service: S,
    requests: Arc<()>,
}

pin_project! {
    pub(crate) struct BareFuture<F> {
        #[pin]
        response: F,
        guard: Option<Arc<()>>,
    }
}

pin_project! {
    pub(crate) struct BareBody<B> {
        #[pin]
        body: B,
        _guard: Option<Arc<()>>,
    }
}

impl<S, B> Transform<S, ServiceRequest> for BareMiddleware
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<BareBody<B>>;
    type Error = Error;
    type Transform = BareService<S>;
    type InitError = ();
    type Future = Ready<Result<BareService<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(BareService { service, requests: Arc::clone(&self.0) }))
    }
}

impl<S, B> Service<ServiceRequest> for BareService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<BareBody<B>>;
    type Error = Error;
    type Future = BareFuture<S::Future>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        BareFuture { guard: Some(Arc::clone(&self.requests)), response: self.service.call(request) }
    }
}

impl<F, B> Future for BareFuture<F>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
{
    type Output = Result<ServiceResponse<BareBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(this.response.poll(cx));
        let guard = this.guard.take();
        Poll::Ready(result.map(|response| response.map_body(|_, body| BareBody { body, _guard: guard })))
    }
}

impl<B: MessageBody> MessageBody for BareBody<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.project().body.poll_next(cx)
    }
}
