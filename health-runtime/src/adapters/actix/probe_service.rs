//! One endpoint in one worker.

use std::future::{Ready, ready};
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::Error;
use actix_web::dev::{Service, ServiceFactory, ServiceRequest, ServiceResponse};
use futures_util::future::{Either, LocalBoxFuture};

use super::drain_middleware::uncount;
use super::heartbeat::Heartbeat;
use super::request::probe_request;
use super::response::http_response;
use crate::http::endpoint::{Endpoint, Step};
use crate::http::response_cache::ResponseCache;

/// Creates the service of one endpoint in each worker.
#[derive(Clone)]
pub(super) struct ProbeServiceFactory {
    endpoint: Endpoint,
    route: Rc<str>,
    /// The worker counts while one of its endpoints exists.
    _heartbeat: Option<Rc<Heartbeat>>,
}

/// An endpoint in one worker, with the responses that this worker cached.
#[derive(Clone)]
pub(super) struct ProbeService {
    factory: ProbeServiceFactory,
    cache: Rc<ResponseCache>,
}

impl ProbeServiceFactory {
    pub(super) fn new(endpoint: Endpoint, route: String, heartbeat: Option<Rc<Heartbeat>>) -> Self {
        Self { endpoint, route: route.into(), _heartbeat: heartbeat }
    }
}

impl Service<ServiceRequest> for ProbeService {
    type Response = ServiceResponse;
    type Error = Error;
    type Future = Either<Ready<Result<ServiceResponse, Error>>, LocalBoxFuture<'static, Result<ServiceResponse, Error>>>;

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&self, req: ServiceRequest) -> Self::Future {
        let ProbeServiceFactory { endpoint, route, .. } = &self.factory;
        uncount(&endpoint.health().inner().lifecycle, &req);
        match endpoint.prepare(&self.cache, &probe_request(&req, route)) {
            Step::Ready(response) => Either::Left(ready(Ok(req.into_response(http_response(response))))),
            Step::Evaluate(evaluation) => {
                let service = self.clone();
                Either::Right(Box::pin(async move {
                    let (response, cache_entry) = service.factory.endpoint.evaluate(evaluation).await;
                    if let Some(entry) = cache_entry {
                        service.cache.insert(entry);
                    }
                    Ok(req.into_response(http_response(response)))
                }))
            }
        }
    }
}

impl ServiceFactory<ServiceRequest> for ProbeServiceFactory {
    type Response = ServiceResponse;
    type Error = Error;
    type Config = ();
    type Service = ProbeService;
    type InitError = ();
    type Future = Ready<Result<ProbeService, ()>>;

    fn new_service(&self, (): ()) -> Self::Future {
        ready(Ok(ProbeService { factory: self.clone(), cache: Rc::default() }))
    }
}
