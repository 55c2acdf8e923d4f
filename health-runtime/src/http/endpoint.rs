//! One route and the checks below it: `/readyz`, `/readyz/` and `/readyz/{check}`.

use std::sync::Arc;

use super::negotiation::negotiate;
use super::options::EndpointOptions;
use super::query::Query;
use super::request::ProbeRequest;
use super::response::{ProbeResponse, is_allowed};
use super::response_cache::{CacheEntry, ResponseCache};
use crate::core::health::Health;
use crate::core::model::report_view::{Asked, Expose};
use crate::core::model::status::{Kind, Scope};
use crate::core::probe::Question;
use crate::http::format::Format;

/// Responds to the probes of one scope.
///
/// An adapter calls [`prepare`](Self::prepare) for each request. For [`Step::Evaluate`] it awaits
/// [`evaluate`](Self::evaluate), which borrows nothing from the request. Both record the response in the metrics.
#[derive(Clone)]
pub(crate) struct Endpoint {
    health: Health,
    scope: Scope,
    options: Arc<EndpointOptions>,
}

/// The result of [`Endpoint::prepare`].
pub(crate) enum Step {
    /// The response is known without running checks.
    Ready(ProbeResponse),
    /// The response needs a new report.
    Evaluate(Evaluation),
}

/// A request that needs a new report.
pub(crate) struct Evaluation {
    question: Question,
    expose: Expose,
    format: Format,
    is_head: bool,
    /// Whether the response depends on nothing but the level and the format.
    is_cacheable: bool,
}

impl Endpoint {
    pub(super) fn new(health: Health, scope: Scope, options: Arc<EndpointOptions>) -> Self {
        Self { health, scope, options }
    }

    pub(crate) fn health(&self) -> &Health {
        &self.health
    }

    /// Responds with a cached response or an error, if that is possible without a report.
    pub(crate) fn prepare(&self, cache: &ResponseCache, request: &ProbeRequest<'_>) -> Step {
        if !is_allowed(request.method) {
            return self.ready(ProbeResponse::method_not_allowed(), request.is_head());
        }
        let core = self.health.core();
        let (check, expose) = (request.check_name(), self.options.expose(request));
        let query = request.query.map(Query::parse);
        let format = query.as_ref().and_then(|query| query.format).unwrap_or_else(|| negotiate(request, self.options.format));
        let is_cacheable = check.is_none() && request.query.is_none_or(str::is_empty);
        if is_cacheable && let Some(response) = cache.get(core, expose, format) {
            return self.ready(response, request.is_head());
        }
        let question = self.question(check, query.unwrap_or_default(), expose, format);
        let is_narrowed = check.is_some() || !question.tags.is_empty();
        if !core.knows(&question) || is_narrowed && expose == Expose::Status {
            return self.ready(ProbeResponse::not_found(), request.is_head());
        }
        Step::Evaluate(Evaluation { question, expose, format, is_head: request.is_head(), is_cacheable })
    }

    /// Runs the checks that are not fresh and responds, at the latest at the deadline. Also returns what the caller inserts
    /// into its cache.
    pub(crate) async fn evaluate(&self, evaluation: Evaluation) -> (ProbeResponse, Option<CacheEntry>) {
        let Evaluation { question, expose, format, is_head, is_cacheable } = evaluation;
        let core = self.health.core();
        let (report, validity) = core.report(&question).await;
        let excluded: Vec<&str> = core.left_out(&question).collect();
        let unknown = question.excluded.iter().map(|name| &**name).filter(|name| !excluded.contains(name)).collect();
        let asked = Asked { expose, verbose: question.verbose, alone: question.check.is_some(), excluded, unknown };
        let response = ProbeResponse::from_report(&report, question.scope, &asked, format, self.options.proxies);
        let validity = validity.filter(|_| is_cacheable);
        let entry = validity.map(|validity| CacheEntry { expose, format, validity, response: response.clone() });
        (self.recorded(response, is_head), entry)
    }

    fn ready(&self, response: ProbeResponse, is_head: bool) -> Step {
        Step::Ready(self.recorded(response, is_head))
    }

    /// Counts the response in the metrics.
    fn recorded(&self, response: ProbeResponse, is_head: bool) -> ProbeResponse {
        self.health.core().engine.ledger().meters().probed(self.scope, response.status);
        if is_head { response.for_head() } else { response }
    }

    /// Returns the part of a request that this client may use.
    fn question(&self, check: Option<&str>, query: Query, expose: Expose, format: Format) -> Question {
        let shows_checks = expose > Expose::Status;
        let group = check.filter(|_| format == Format::Spring).and_then(|name| self.spring_group(name));
        let excluded = if shows_checks && self.options.allow_exclude { query.excluded } else { Vec::new() };
        Question {
            scope: group.map_or(self.scope, Scope::Kind),
            check: check.filter(|_| group.is_none()).map(ToOwned::to_owned),
            tags: query.tags,
            excluded,
            // The page always shows the details.
            verbose: shows_checks && (query.verbose || format == Format::Html),
        }
    }

    /// Returns the kind that a name below `/health` means: the consoles of Spring Boot request each group that `groups`
    /// lists. A check with that name wins.
    fn spring_group(&self, name: &str) -> Option<Kind> {
        let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == name).filter(|_| self.scope == Scope::All)?;
        let is_check = self.health.core().engine.checks().any(|check| *check.name == *name);
        (!is_check).then_some(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// tower requires it.
    #[test]
    fn the_evaluation_can_move_between_threads() {
        fn assert_send<T: Send>(_: impl FnOnce(&Endpoint, Evaluation) -> T) {}
        fn assert_shared<T: Clone + Send + Sync + 'static>() {}
        assert_send(|_, _| ());
        assert_shared::<Endpoint>();
    }
}
