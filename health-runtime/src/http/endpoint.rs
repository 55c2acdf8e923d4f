//! One path and all below it: `/readyz`, `/readyz/` and `/readyz/{check}`.

use std::future::{Ready, ready};
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::dev::{Service, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::{Error, HttpResponse};
use futures_util::future::{Either, LocalBoxFuture};

use super::answer;
use super::prepared::Prepared;
use crate::health::Health;
use crate::probe::Question;
use crate::status::Scope;

/// Answers for one scope.
#[derive(Clone)]
pub(super) struct Endpoint {
    health: Health,
    scope: Scope,
}

/// An endpoint in one worker.
#[derive(Clone)]
pub(super) struct Mounted {
    endpoint: Endpoint,
    prepared: Rc<Prepared>,
}

impl Endpoint {
    pub(super) fn new(health: Health, scope: Scope) -> Self {
        Self { health, scope }
    }
}

/// The name of one check, behind our path. What actix has not matched yet is all behind our path.
fn check(req: &ServiceRequest) -> Option<&str> {
    req.match_info().unprocessed().strip_prefix('/').filter(|name| !name.is_empty())
}

impl Mounted {
    /// The answer where it needs nothing to be done.
    fn at_once(&self, req: &ServiceRequest) -> Option<HttpResponse> {
        let rendered = if check(req).is_none() { self.prepared.get(self.endpoint.health.core())? } else { return None };
        answer::is_allowed(req.method()).then(|| answer::report(req.method(), rendered))
    }

    fn count(&self, answer: &HttpResponse) {
        let meters = self.endpoint.health.core().engine.ledger().meters();
        meters.probed(self.endpoint.scope, answer.status().as_u16());
    }

    async fn answer(&self, req: ServiceRequest) -> ServiceResponse {
        let method = req.method();
        let core = self.endpoint.health.core();
        let question = Question { scope: self.endpoint.scope, check: check(&req) };
        let answer = if !answer::is_allowed(method) {
            answer::method_not_allowed(method)
        } else if !core.knows(&question) {
            answer::not_found(method)
        } else {
            let (report, lease) = core.report(&question).await;
            let rendered = answer::render(&report);
            if question.check.is_none() {
                self.prepared.put(lease, &rendered);
            }
            answer::report(method, rendered)
        };
        req.into_response(answer)
    }
}

impl Service<ServiceRequest> for Mounted {
    type Response = ServiceResponse;
    type Error = Error;
    type Future = Either<Ready<Result<ServiceResponse, Error>>, LocalBoxFuture<'static, Result<ServiceResponse, Error>>>;

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&self, req: ServiceRequest) -> Self::Future {
        if let Some(answer) = self.at_once(&req) {
            self.count(&answer);
            return Either::Left(ready(Ok(req.into_response(answer))));
        }
        let mounted = self.clone();
        Either::Right(Box::pin(async move {
            let answer = mounted.answer(req).await;
            mounted.count(answer.response());
            Ok(answer)
        }))
    }
}

impl ServiceFactory<ServiceRequest> for Endpoint {
    type Response = ServiceResponse;
    type Error = Error;
    type Config = ();
    type Service = Mounted;
    type InitError = ();
    type Future = Ready<Result<Mounted, ()>>;

    fn new_service(&self, (): ()) -> Self::Future {
        ready(Ok(Mounted { endpoint: self.clone(), prepared: Rc::default() }))
    }
}
