//! One path and all below it: `/readyz`, `/readyz/` and `/readyz/{check}`.

use std::future::{Ready, ready};
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::dev::{Service, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::{Error, HttpResponse};
use futures_util::future::{Either, LocalBoxFuture};

use super::drain_middleware as drain;
use super::heartbeat::Heartbeat;
use crate::core::health::Health;
use crate::core::health_inner::ProbeQuery;
use crate::core::model::status::{Kind, Scope};
use crate::core::report::view::{Expose, ViewOptions};
use crate::http::format::Format;
use crate::http::options::Terms;
use crate::http::query::Query;
use crate::http::response_cache::Prepared;
use crate::http::{negotiation, response as answer};

/// Answers for one scope.
#[derive(Clone)]
pub(crate) struct Endpoint {
    health: Health,
    scope: Scope,
    terms: Rc<Terms>,
    /// The worker counts for as long as one of its endpoints is there.
    _heartbeat: Option<Rc<Heartbeat>>,
}

/// An endpoint in one worker.
#[derive(Clone)]
pub(crate) struct Mounted {
    endpoint: Endpoint,
    prepared: Rc<Prepared>,
}

impl Endpoint {
    pub(crate) fn new(health: Health, scope: Scope, terms: Rc<Terms>, heartbeat: Option<Rc<Heartbeat>>) -> Self {
        Self { health, scope, terms, _heartbeat: heartbeat }
    }

    /// What is asked for, as far as this reader is heard.
    fn question(&self, req: &ServiceRequest, query: &Query, expose: Expose, format: Format) -> ProbeQuery {
        let is_open = expose > Expose::Status;
        let name = check(req);
        let group = name.filter(|_| format == Format::Spring).and_then(|name| self.group(name));
        let excluded = if is_open && self.terms.exclude { query.excluded.clone() } else { Vec::new() };
        ProbeQuery {
            scope: group.map_or(self.scope, Scope::Kind),
            check: name.filter(|_| group.is_none()).map(ToOwned::to_owned),
            tags: query.tags.clone(),
            excluded,
            // The page always shows what there is.
            verbose: is_open && (query.verbose || format == Format::Html),
        }
    }

    /// Spring Boot answers for a group below the whole, as its consoles expect of each that `groups` names. A check that is
    /// called so comes first.
    fn group(&self, name: &str) -> Option<Kind> {
        let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == name).filter(|_| self.scope == Scope::All)?;
        let is_check = self.health.inner().engine.checks().any(|check| *check.name == *name);
        (!is_check).then_some(kind)
    }
}

/// The name of one check, behind our path. What actix has not matched yet is all behind our path.
fn check(req: &ServiceRequest) -> Option<&str> {
    req.match_info().unprocessed().strip_prefix('/').filter(|name| !name.is_empty())
}

/// Whether nothing but the path, the method and `Accept` say what is wanted.
fn is_plain(req: &ServiceRequest) -> bool {
    check(req).is_none() && req.query_string().is_empty() && answer::is_allowed(req.method())
}

impl Mounted {
    /// The answer where it needs nothing to be done.
    fn at_once(&self, req: &ServiceRequest) -> Option<HttpResponse> {
        if !is_plain(req) {
            return None;
        }
        let Endpoint { health, terms, .. } = &self.endpoint;
        let (expose, format) = (terms.expose(req), negotiation::format(req, terms.format));
        let rendered = self.prepared.get(health.inner(), expose, format)?;
        Some(answer::report(req.method(), rendered))
    }

    fn count(&self, answer: &HttpResponse) {
        let recorders = self.endpoint.health.inner().engine.publisher().recorders();
        recorders.iter().for_each(|recorder| recorder.probe_answered(self.endpoint.scope, answer.status().as_u16()));
    }

    async fn answer(&self, req: ServiceRequest) -> ServiceResponse {
        let method = req.method();
        let Endpoint { health, terms, .. } = &self.endpoint;
        let inner = health.inner();
        let (expose, query) = (terms.expose(&req), Query::of(&req));
        let format = query.format.unwrap_or_else(|| negotiation::format(&req, terms.format));
        let question = self.endpoint.question(&req, &query, expose, format);
        let narrows = check(&req).is_some() || !question.tags.is_empty();
        let answer = if !answer::is_allowed(method) {
            answer::method_not_allowed(method)
        } else if !inner.matches_any(&question) || narrows && expose == Expose::Status {
            answer::not_found(method)
        } else {
            let (report, lease) = inner.evaluate(&question).await;
            let excluded: Vec<&str> = inner.excluded_names(&question).collect();
            let unknown = question.excluded.iter().map(|name| &**name).filter(|name| !excluded.contains(name)).collect();
            let asked =
                ViewOptions { expose, verbose: question.verbose, single_check: question.check.is_some(), excluded, unknown };
            let rendered = answer::render(&report, question.scope, &asked, format, terms.proxies);
            if is_plain(&req) {
                self.prepared.put(lease, expose, &rendered);
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
        drain::leave(&self.endpoint.health.inner().lifecycle, &req);
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
