//! One route and the checks below it: `/readyz`, `/readyz/` and `/readyz/{check}`.

use std::sync::Arc;

use super::options::EndpointOptions;
use super::query::Query;
use super::request::ProbeRequest;
use super::response::ProbeResponse;
use super::response_cache::{CacheEntry, ResponseCache, Variant};
use crate::core::engine::peers::OWN_ID_HEADER;
use crate::core::health::Health;
use crate::core::health_inner::ProbeQuery;
use crate::core::model::status::{Kind, Scope};
use crate::core::report::view::{Expose, ViewOptions};
use crate::http::format::Format;

/// Responds to the probes of one scope.
///
/// An adapter calls [`prepare`](Self::prepare) for each request. For [`Step::Evaluate`] it awaits
/// [`evaluate`](Self::evaluate), which borrows nothing from the request. Both record the response in the metrics.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) health: Health,
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
    query: ProbeQuery,
    variant: Variant,
    is_head: bool,
    /// Whether the response depends on nothing but the check's name and the variant.
    is_cacheable: bool,
}

impl Endpoint {
    pub(super) fn new(health: Health, scope: Scope, options: Arc<EndpointOptions>) -> Self {
        Self { health, scope, options }
    }

    /// Responds with a cached response or an error, if that is possible without a report.
    pub(crate) fn prepare(&self, cache: &ResponseCache, request: &ProbeRequest<'_>) -> Step {
        let is_head = request.method == "HEAD";
        if !matches!(request.method, "GET" | "HEAD" | "OPTIONS") {
            let mut response = ProbeResponse::error(405, "method not allowed");
            response.extra_headers = &[("allow", "GET, HEAD, OPTIONS")];
            return Step::Ready(self.finish(response, is_head));
        }
        let inner = self.health.inner();
        let (check, expose) = (request.check_name(), self.options.expose(request));
        if check.is_some() && inner.engine.peer_id().is_some_and(|id| request.header(OWN_ID_HEADER) == Some(id)) {
            // A question of this instance, which is among the instances that it found. It must not count.
            return Step::Ready(self.finish(ProbeResponse::error(404, "not found"), is_head));
        }
        let mut query = request.query.filter(|query| !query.is_empty()).map(Query::parse).unwrap_or_default();
        let shows_checks = expose > Expose::Status;
        if !shows_checks || self.options.ignores_exclude {
            query.excluded.clear();
        }
        let format = query.format.unwrap_or_else(|| cache.formats.negotiate(request, self.options.format));
        // The page always shows the details.
        let verbose = shows_checks && (query.verbose || format == Format::Html);
        let variant = Variant { expose, format, verbose };
        let is_cacheable = query.tags.is_empty() && query.excluded.is_empty();
        if is_cacheable && let Some(response) = cache.get(inner, check, variant) {
            return Step::Ready(self.finish(response, is_head));
        }
        let is_narrowed = check.is_some() || !query.tags.is_empty();
        let query = self.probe_query(check, query, variant);
        if !inner.matches_any(&query) || is_narrowed && !shows_checks {
            return Step::Ready(self.finish(ProbeResponse::error(404, "not found"), is_head));
        }
        // The cache has no entry for a group of Spring.
        let is_cacheable = is_cacheable && query.check.as_deref() == check;
        Step::Evaluate(Evaluation { query, variant, is_head, is_cacheable })
    }

    /// Runs the checks that are not fresh and responds, at the latest at the deadline. Caches the response if it can be sent again.
    pub(crate) async fn evaluate(&self, cache: &ResponseCache, evaluation: Evaluation) -> ProbeResponse {
        let Evaluation { query, variant, is_head, is_cacheable } = evaluation;
        let Variant { expose, format, verbose } = variant;
        let inner = self.health.inner();
        let refreshed = inner.refresh(&query).await;
        // Of the probes that waited for the same runs, the first one renders for all.
        if is_cacheable && let Some(response) = cache.get(inner, query.check.as_deref(), variant) {
            return self.finish(response, is_head);
        }
        let (report, validity) = inner.report(&query, &refreshed);
        let (excluded, unknown) = inner.partition_excluded(&query);
        let view = ViewOptions { expose, verbose, single_check: query.check.is_some(), excluded, unknown };
        let response = ProbeResponse::from_report(&report, query.scope, &view, format, &self.options);
        if let Some(validity) = validity.filter(|_| is_cacheable) {
            cache.insert(CacheEntry {
                check: query.check.as_deref().map(Into::into),
                variant,
                validity,
                in_flight: report.meta().in_flight,
                response: response.clone(),
            });
        }
        self.finish(response, is_head)
    }

    /// Records the response in the metrics, and removes its body for HEAD.
    fn finish(&self, response: ProbeResponse, is_head: bool) -> ProbeResponse {
        let (scope, status) = (self.scope, response.status);
        self.health.inner().engine.publisher().recorders().call(move |recorder| recorder.probe_answered(scope, status));
        if is_head { response.for_head() } else { response }
    }

    fn probe_query(&self, check: Option<&str>, query: Query, variant: Variant) -> ProbeQuery {
        let group = check.filter(|_| variant.format == Format::Spring).and_then(|name| self.spring_group(name));
        ProbeQuery {
            scope: group.map_or(self.scope, Scope::Kind),
            check: check.filter(|_| group.is_none()).map(ToOwned::to_owned),
            tags: query.tags,
            excluded: query.excluded,
            verbose: variant.verbose,
        }
    }

    /// Returns the kind that a name below `/health` means: the consoles of Spring Boot request each group that `groups`
    /// lists. A check with that name wins.
    fn spring_group(&self, name: &str) -> Option<Kind> {
        let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == name).filter(|_| self.scope == Scope::All)?;
        self.health.inner().engine.check(name).is_none().then_some(kind)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::core::registry::check::Check;
    use crate::http::request::tests::HeaderList;
    use crate::http::response::Body;

    fn endpoint() -> Endpoint {
        let check = Check::readiness("queue", || async {});
        let health = Health::builder().linked_checks(false).check(check).start().unwrap();
        Endpoint::new(health, Scope::Kind(Kind::Readiness), Arc::default())
    }

    fn text(response: &ProbeResponse) -> &str {
        match &response.body {
            Body::Full(bytes) => str::from_utf8(bytes).unwrap(),
            Body::LengthOnly(_) => panic!("no body"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_probe_is_evaluated_and_the_second_gets_its_response() {
        let (endpoint, cache, headers) = (endpoint(), ResponseCache::default(), HeaderList(&[]));
        let request = ProbeRequest::with_headers(&headers);
        let Step::Evaluate(evaluation) = endpoint.prepare(&cache, &request) else { panic!("nothing is cached yet") };
        let first = endpoint.evaluate(&cache, evaluation).await;
        let Step::Ready(second) = endpoint.prepare(&cache, &request) else { panic!("the response is cached") };
        let body = r#"{"status":"healthy","checks":{"queue":{"status":"up","latency_ms":0}},"uptime_seconds":0}"#;
        for response in [first, second] {
            assert_eq!((response.status, text(&response)), (200, body));
        }
        let Step::Ready(head) = endpoint.prepare(&cache, &ProbeRequest { method: "HEAD", ..request }) else {
            panic!("HEAD shares the cached response")
        };
        assert!(matches!(head.body, Body::LengthOnly(length) if length == body.len() as u64));
    }

    #[tokio::test(start_paused = true)]
    async fn probes_that_wait_for_the_same_runs_share_one_body() {
        const PROBES: usize = 1_000;
        let slow = Check::readiness("slow", || tokio::time::sleep(std::time::Duration::from_millis(50)));
        let health = Health::builder().linked_checks(false).check(slow).start().unwrap();
        let endpoint = Endpoint::new(health, Scope::Kind(Kind::Readiness), Arc::default());
        let (cache, headers) = (ResponseCache::default(), HeaderList(&[]));
        let request = ProbeRequest::with_headers(&headers);
        let evaluations = (0..PROBES).map(|_| match endpoint.prepare(&cache, &request) {
            Step::Ready(_) => panic!("nothing is cached before the run ends"),
            Step::Evaluate(evaluation) => endpoint.evaluate(&cache, evaluation),
        });
        let responses = futures_util::future::join_all(evaluations).await;
        let bodies: BTreeSet<*const u8> = responses.iter().map(|response| text(response).as_ptr()).collect();
        assert_eq!((responses.len(), bodies.len()), (PROBES, 1));
    }

    /// Returns the response, and whether the cache had it.
    async fn respond(endpoint: &Endpoint, cache: &ResponseCache, request: &ProbeRequest<'_>) -> (String, bool) {
        match endpoint.prepare(cache, request) {
            Step::Ready(response) => (text(&response).to_owned(), true),
            Step::Evaluate(evaluation) => (text(&endpoint.evaluate(cache, evaluation).await).to_owned(), false),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn each_variant_has_a_cached_response() {
        let (endpoint, cache, headers) = (endpoint(), ResponseCache::default(), HeaderList(&[]));
        let request = |subpath, query| ProbeRequest { subpath, query, ..ProbeRequest::with_headers(&headers) };
        let mut bodies = Vec::new();
        for (subpath, query) in [
            ("", None),
            ("", Some("verbose")),
            ("", Some("format=text")),
            ("", Some("format=text&verbose")),
            ("", Some("format=health%2Bjson")),
            ("", Some("format=spring")),
            ("/queue", Some("verbose&unknown=1")),
            ("/queue", Some("format=microprofile")),
        ] {
            let (first, cached) = respond(&endpoint, &cache, &request(subpath, query)).await;
            assert!(!cached, "{subpath} {query:?}");
            for _ in 0..2 {
                assert_eq!(respond(&endpoint, &cache, &request(subpath, query)).await, (first.clone(), true));
            }
            bodies.push(first);
        }
        assert_eq!(respond(&endpoint, &cache, &request("/", None)).await, (bodies[0].clone(), true), "the same endpoint");
        for (subpath, query) in [("", "exclude=queue"), ("", "exclude=other&verbose"), ("/queue", "exclude=other")] {
            for _ in 0..2 {
                assert!(!respond(&endpoint, &cache, &request(subpath, Some(query))).await.1, "{subpath} {query}");
            }
        }
        tokio::time::advance(std::time::Duration::from_secs(1)).await;
        assert!(!respond(&endpoint, &cache, &request("", Some("verbose"))).await.1, "the cache of the check has ended");
    }

    #[tokio::test(start_paused = true)]
    async fn no_prober_makes_the_cache_grow_without_limit() {
        let check = |index| Check::readiness(format!("check-{index}"), || async {});
        let builder = (0..1_100).map(check).fold(Health::builder().linked_checks(false), crate::HealthBuilder::check);
        let rule = |level: &'static str| move |request: &ProbeRequest<'_>| request.header("x-level") == Some(level);
        let service = builder.start().unwrap().service();
        let service = service.expose_when(rule("status"), Expose::Status).expose_when(rule("errors"), Expose::Errors);
        let endpoint = Endpoint::new(service.health.clone(), Scope::All, Arc::new(service.options.clone()));
        let cache = ResponseCache::default();
        for level in ["status", "reasons", "errors"] {
            let headers = HeaderList(&[("x-level", level)]);
            let request = ProbeRequest::with_headers(&headers);
            for format in Format::ALL {
                for verbose in ["", "&verbose"] {
                    let query = format!("format={}{verbose}", format.name());
                    respond(&endpoint, &cache, &ProbeRequest { query: Some(&query), ..request }).await;
                }
            }
            for index in 0..1_100 {
                let subpath = format!("/check-{index}");
                respond(&endpoint, &cache, &ProbeRequest { subpath: &subpath, ..request }).await;
                assert!(cache.lengths().1 <= 1_024);
            }
        }
        assert_eq!(cache.lengths(), (8, 152), "the last ones");
    }

    #[tokio::test(start_paused = true)]
    async fn errors_need_no_evaluation() {
        let (endpoint, cache, headers) = (endpoint(), ResponseCache::default(), HeaderList(&[]));
        let request = ProbeRequest::with_headers(&headers);
        for (request, status, body) in [
            (ProbeRequest { method: "POST", ..request }, 405, r#"{"error":"method not allowed"}"#),
            (ProbeRequest { subpath: "/other", ..request }, 404, r#"{"error":"not found"}"#),
            (ProbeRequest { query: Some("tag=other"), ..request }, 404, r#"{"error":"not found"}"#),
        ] {
            let Step::Ready(response) = endpoint.prepare(&cache, &request) else { panic!("{request:?}") };
            assert_eq!((response.status, text(&response)), (status, body), "{request:?}");
        }
    }

    /// tower requires both.
    #[test]
    fn an_evaluation_can_move_between_threads() {
        fn assert_send<T: Send>(_: T) {}
        fn assert_service<T: Clone + Send + Sync + 'static>() {}
        let _ = |endpoint: &Endpoint, cache, evaluation| assert_send(endpoint.evaluate(cache, evaluation));
        assert_service::<Endpoint>();
        assert_service::<crate::HealthService>();
    }
}
