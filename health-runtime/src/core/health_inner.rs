//! What the clones of one `Health` share, and the evaluation of one probe.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::core::engine::{Engine, NeededChecks};
use crate::core::lifecycle::Lifecycle;
use crate::core::model::status::{HealthState, Kind, Scope};
use crate::core::registry::RegisteredCheck;
use crate::core::report::{CheckReport, Report, ReportMeta, impacts};

/// The shared part of a [`Health`](crate::Health).
pub(crate) struct HealthInner {
    pub(crate) engine: Engine,
    pub(crate) lifecycle: Arc<Lifecycle>,
    pub(crate) name: Option<Arc<str>>,
    pub(crate) version: Option<Arc<str>>,
    pub(crate) started_at: Instant,
}

/// What a probe selects.
#[derive(Debug, Clone)]
pub(crate) struct ProbeQuery {
    pub(crate) scope: Scope,
    /// One check of the scope, by its exact name.
    pub(crate) check: Option<String>,
    /// Selects checks with one of these tags, if there are any. Sorted.
    pub(crate) tags: Vec<String>,
    /// Checks that this response leaves out. Sorted.
    pub(crate) excluded: Vec<String>,
    /// Whether the report contains histories and the number of requests in flight.
    pub(crate) verbose: bool,
}

impl From<Scope> for ProbeQuery {
    fn from(scope: Scope) -> Self {
        Self { scope, check: None, tags: Vec::new(), excluded: Vec::new(), verbose: false }
    }
}

impl ProbeQuery {
    fn selects(&self, check: &RegisteredCheck) -> bool {
        let in_scope = match self.scope {
            Scope::Kind(kind) => check.kinds.has(kind),
            Scope::All => true,
        };
        in_scope && self.check.as_ref().is_none_or(|name| *check.name == **name) && self.matches_tags(check)
    }

    fn matches_tags(&self, check: &RegisteredCheck) -> bool {
        self.tags.is_empty() || check.policy.tags.iter().any(|tag| self.tags.binary_search(tag).is_ok())
    }

    fn excludes(&self, check: &RegisteredCheck) -> bool {
        self.excluded.binary_search_by(|name| (**name).cmp(&check.name)).is_ok()
    }

    fn includes(&self, check: &RegisteredCheck) -> bool {
        self.selects(check) && !self.excludes(check)
    }
}

/// The checks that a probe needs, once each is fresh, overdue or late.
pub(crate) struct Refreshed<'h> {
    needed: NeededChecks<'h>,
    probe_started_at: Instant,
}

/// How long a response stays current.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CacheValidity {
    epoch: u64,
    until: Instant,
}

impl HealthInner {
    /// Whether the query selects something: its check exists, and some check has one of its tags.
    pub(crate) fn matches_any(&self, query: &ProbeQuery) -> bool {
        match &query.check {
            Some(name) => self.engine.check(name).is_some_and(|check| query.selects(check)),
            // A tag that no check has is a mistake. A tag that no check of this kind has selects nothing that could fail.
            None => query.tags.is_empty() || self.engine.checks().any(|check| query.matches_tags(check)),
        }
    }

    /// Returns the excluded names that the query selects, and those that it does not know. Both are sorted.
    pub(crate) fn partition_excluded<'q>(&self, query: &'q ProbeQuery) -> (Vec<&'q str>, Vec<&'q str>) {
        let is_selected = |name: &str| self.engine.check(name).is_some_and(|check| query.selects(check));
        query.excluded.iter().map(|name| &**name).partition(|name| is_selected(name))
    }

    /// Runs the checks that are not fresh, waits for them at most until the deadline, and reports.
    pub(crate) async fn evaluate(&self, query: &ProbeQuery) -> Report {
        let refreshed = self.refresh(query).await;
        self.report(query, &refreshed).0
    }

    /// Runs the checks that are not fresh, and waits for them at most until the deadline.
    pub(crate) async fn refresh(&self, query: &ProbeQuery) -> Refreshed<'_> {
        let probe_started_at = Instant::now();
        // While the service starts, the readiness probe may be the only one, so it runs the startup checks too.
        let needs_startup = !self.lifecycle.phase().started && matches!(query.scope, Scope::Kind(Kind::Readiness) | Scope::All);
        let is_needed = |check: &RegisteredCheck| query.includes(check) || needs_startup && check.kinds.has(Kind::Startup);
        let needed = self.engine.with_parents(query.check.as_deref().filter(|_| !needs_startup), is_needed);
        self.engine.refresh(&needed, probe_started_at).await;
        Refreshed { needed, probe_started_at }
    }

    /// Reports about refreshed checks. Returns also how long the report stays current; `None` where the next probe runs a check.
    pub(crate) fn report(&self, query: &ProbeQuery, refreshed: &Refreshed<'_>) -> (Report, Option<CacheValidity>) {
        // Read before the checks: a response from older states must not pass for a newer one.
        let epoch = self.engine.publisher().epoch();
        let now = Instant::now();
        let report = self.snapshot(query, now, refreshed.probe_started_at);
        // `uptime_seconds` changes with the next second.
        let next_second = self.started_at + Duration::from_secs(report.meta().uptime.as_secs() + 1);
        let until = refreshed.needed.valid_until(now);
        (report, until.map(|until| CacheValidity { epoch, until: until.min(next_second) }))
    }

    /// Runs every check that has runs once, startup first, without a deadline. Returns the report about them, and the sorted names of
    /// the others.
    pub(crate) async fn evaluate_once(&self) -> (Report, Vec<String>) {
        let started_at = Instant::now();
        self.engine.run_once(started_at, |check| check.kinds.has(Kind::Startup)).await;
        self.engine.run_once(started_at, |_| true).await;
        let without_runs = self.engine.checks().filter(|check| !check.source.is_executable());
        let without_runs: Vec<String> = without_runs.map(|check| check.name.to_string()).collect();
        let query = ProbeQuery { excluded: without_runs.clone(), verbose: true, ..ProbeQuery::from(Scope::All) };
        (self.snapshot(&query, Instant::now(), started_at), without_runs)
    }

    /// Whether a response with this validity is still current.
    pub(crate) fn is_valid(&self, validity: &CacheValidity) -> bool {
        validity.epoch == self.engine.publisher().epoch() && Instant::now() < validity.until
    }

    /// Reports what there is at `now`, for a probe that started at `probe_started_at`.
    fn snapshot(&self, query: &ProbeQuery, now: Instant, probe_started_at: Instant) -> Report {
        if !self.lifecycle.phase().started {
            self.try_pass_startup(now, probe_started_at);
        }
        let named = query.check.as_deref();
        let observed = self.engine.observe_and_publish(now, probe_started_at, named, |check| query.includes(check));
        let mut checks = Vec::with_capacity(if named.is_some() { 1 } else { self.engine.checks().count() });
        checks.extend(observed.map(|(check, observation)| {
            let history = query.verbose.then(|| self.engine.history_of(check, now));
            CheckReport::new(check, observation, history)
        }));
        let uptime = now.saturating_duration_since(self.started_at);
        let in_flight = if query.verbose { self.lifecycle.in_flight().count() } else { None };
        let (name, version) = (self.name.clone(), self.version.clone());
        let maintenance = self.lifecycle.maintenance_reason();
        let meta = ReportMeta { name, version, uptime, taken_at: now, in_flight, maintenance };
        Report::new(query.scope, checks, self.lifecycle.phase(), meta)
    }

    /// Passes startup if no startup check prevents it.
    fn try_pass_startup(&self, now: Instant, probe_started_at: Instant) {
        let observed = self.engine.observe(now, probe_started_at, |check| check.kinds.has(Kind::Startup));
        let impacts = impacts(Kind::Startup.into(), observed.iter().map(|(check, observation)| (&***check, observation)));
        if impacts.worst() < HealthState::Unhealthy && self.lifecycle.pass_startup() {
            self.engine.freeze_startup_checks(&observed);
        }
    }
}
