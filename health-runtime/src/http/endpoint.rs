//! One path and all below it: `/readyz`, `/readyz/` and `/readyz/{check}`.

use std::future::{Ready, ready};
use std::task::{Context, Poll};

use actix_web::Error;
use actix_web::dev::{Service, ServiceFactory, ServiceRequest, ServiceResponse};
use futures_util::future::LocalBoxFuture;

use super::answer;
use crate::health::Health;
use crate::probe::Question;
use crate::status::Scope;

/// Answers for one scope. Each worker has its own.
#[derive(Clone)]
pub(super) struct Endpoint {
    health: Health,
    scope: Scope,
}

impl Endpoint {
    pub(super) fn new(health: Health, scope: Scope) -> Self {
        Self { health, scope }
    }

    async fn answer(self, req: ServiceRequest) -> ServiceResponse {
        let method = req.method();
        // What actix has not matched yet: all behind our path.
        let below = req.match_info().unprocessed();
        let check = below.strip_prefix('/').filter(|name| !name.is_empty());
        let question = Question { scope: self.scope, check };
        let answer = if !answer::is_allowed(method) {
            answer::method_not_allowed(method)
        } else if !self.health.core().knows(&question) {
            answer::not_found(method)
        } else {
            answer::report(method, &self.health.core().report(&question).await)
        };
        req.into_response(answer)
    }
}

impl Service<ServiceRequest> for Endpoint {
    type Response = ServiceResponse;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<ServiceResponse, Error>>;

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&self, req: ServiceRequest) -> Self::Future {
        let endpoint = self.clone();
        Box::pin(async move { Ok(endpoint.answer(req).await) })
    }
}

impl ServiceFactory<ServiceRequest> for Endpoint {
    type Response = ServiceResponse;
    type Error = Error;
    type Config = ();
    type Service = Self;
    type InitError = ();
    type Future = Ready<Result<Self, ()>>;

    fn new_service(&self, (): ()) -> Self::Future {
        ready(Ok(self.clone()))
    }
}
