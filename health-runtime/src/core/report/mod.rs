//! The result of one probe, before it is formatted.

pub(crate) mod view;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::core::events::HistorySnapshot;
use crate::core::model::aggregate::{NotReady, Phase, ScopeImpacts, aggregate, impact};
use crate::core::model::detail::{self, Detail};
use crate::core::model::status::{HealthState, Kind, Scope, Status};
use crate::core::model::verdict::{Observation, Reason};
use crate::core::registry::RegisteredCheck;

/// The aggregated result of one scope at one moment.
///
/// Serializes as the project's own body, with the detail of [`Expose::Reasons`](crate::Expose::Reasons). Returned by
/// [`Health::report`](crate::Health::report).
pub struct Report {
    scope: Scope,
    state: HealthState,
    not_ready: Option<NotReady>,
    checks: Vec<CheckReport>,
    impacts: ScopeImpacts,
    meta: ReportMeta,
    /// The wall clock time of `meta.taken_at`, read at most once.
    generated_at: OnceLock<SystemTime>,
}

/// The result of one check in a [`Report`].
#[derive(Clone)]
pub struct CheckReport {
    check: Arc<RegisteredCheck>,
    observation: Observation,
    /// Only where the probe asked for it. Boxed, so that other reports stay small.
    history: Option<Box<HistorySnapshot>>,
}

/// What every report contains.
#[derive(Debug, Clone)]
pub(crate) struct ReportMeta {
    /// The name of the service.
    pub(crate) name: Option<Arc<str>>,
    pub(crate) version: Option<Arc<str>>,
    pub(crate) uptime: Duration,
    pub(crate) taken_at: Instant,
    /// Application requests in flight, where they are counted and the probe asked for it.
    pub(crate) in_flight: Option<usize>,
    /// The reason of the maintenance, if there is one.
    pub(crate) maintenance: Option<Arc<str>>,
}

impl Report {
    /// Creates a report of these checks, which are sorted by name.
    pub(crate) fn new(scope: Scope, checks: Vec<CheckReport>, phase: Phase, meta: ReportMeta) -> Self {
        let impacts = impacts(scope, checks.iter().map(|check| (&*check.check, &check.observation)));
        let phase = Phase { maintenance: meta.maintenance.is_some(), ..phase };
        let (state, not_ready) = aggregate(scope, impacts.worst(), phase);
        Self { scope, state, not_ready, checks, impacts, meta, generated_at: OnceLock::new() }
    }

    /// Returns the overall state. Over HTTP `Unhealthy` is 503, the others are 200.
    pub fn state(&self) -> HealthState {
        self.state
    }

    /// Returns `draining`, `maintenance: …` or `starting` where that makes the overall state unhealthy, whatever the checks return.
    pub fn reason(&self) -> Option<&str> {
        match self.not_ready? {
            NotReady::Draining => Some("draining"),
            NotReady::Maintenance => self.meta.maintenance.as_deref(),
            NotReady::Starting => Some("starting"),
        }
    }

    /// Returns the check with exactly this name.
    pub fn check(&self, name: &str) -> Option<&CheckReport> {
        let index = self.checks.binary_search_by(|check| check.name().cmp(name)).ok()?;
        self.checks.get(index)
    }

    /// Returns every check of this report, sorted by name.
    pub fn checks(&self) -> impl Iterator<Item = &CheckReport> {
        self.checks.iter()
    }

    /// Returns the state that a check of this report causes.
    pub(crate) fn impact(&self, check: &CheckReport) -> HealthState {
        let impact = observed_impact(self.scope, &check.check, &check.observation);
        self.impacts.limit(check.check.quorum(), impact)
    }

    /// Returns the state of a kind from the checks of this report, whatever the phase of the process is.
    #[cfg(feature = "systemd")]
    pub(crate) fn state_of(&self, kind: Kind) -> HealthState {
        let of_kind = self.checks.iter().filter(|check| check.check.kinds.has(kind));
        impacts(kind.into(), of_kind.map(|check| (&*check.check, &check.observation))).worst()
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.not_ready == Some(NotReady::Draining)
    }

    pub(crate) fn meta(&self) -> &ReportMeta {
        &self.meta
    }

    /// Returns the time between an instant and the report.
    pub(crate) fn time_since(&self, at: Instant) -> Duration {
        self.meta.taken_at.saturating_duration_since(at)
    }

    pub(crate) fn generated_at(&self) -> SystemTime {
        *self.generated_at.get_or_init(SystemTime::now)
    }
}

impl CheckReport {
    pub(crate) fn new(check: &Arc<RegisteredCheck>, observation: Observation, history: Option<HistorySnapshot>) -> Self {
        Self { check: Arc::clone(check), observation, history: history.map(Box::new) }
    }

    /// Returns the name of the check.
    pub fn name(&self) -> &str {
        &self.check.name
    }

    /// Returns the status of the check.
    pub fn status(&self) -> Status {
        self.observation.status
    }

    /// Returns why the check is not up, in a form that is safe to show: the author's reason, masked, or the public class of an
    /// error.
    pub fn error(&self) -> Option<&str> {
        self.observation.reason.as_ref().map(|reason| &*reason.public)
    }

    /// Returns why the check is not up, in full: the text of the whole error chain, masked.
    pub fn full_error(&self) -> Option<&str> {
        self.observation.reason.as_ref().map(Reason::full)
    }

    /// Returns the text of the error chain, masked, where a run returned an error.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.observation.reason.as_ref()?.error_chain.as_deref()
    }

    /// Returns the duration of the last finished run.
    pub fn latency(&self) -> Option<Duration> {
        self.observation.verdict.as_ref().and_then(|verdict| verdict.duration)
    }

    /// Returns the time since the last run finished.
    pub fn age(&self) -> Option<Duration> {
        self.observation.age
    }

    /// Returns the kinds of the check.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.check.kinds.iter()
    }

    /// Returns whether a failure of the check makes the overall state unhealthy, and not only degraded.
    pub fn is_critical(&self) -> bool {
        self.check.policy.critical
    }

    /// Returns the sentence that describes the check.
    pub fn description(&self) -> Option<&str> {
        self.check.policy.description.as_deref()
    }

    /// Returns the detail with this key.
    pub fn detail(&self, key: &str) -> Option<serde_json::Value> {
        detail::find(self.details(), key)
    }

    pub(crate) fn check(&self) -> &RegisteredCheck {
        &self.check
    }

    pub(crate) fn history(&self) -> &HistorySnapshot {
        self.history.as_deref().unwrap_or(HistorySnapshot::EMPTY)
    }

    pub(crate) fn consecutive_failures(&self) -> u32 {
        self.observation.verdict.as_ref().map_or(0, |verdict| verdict.consecutive_failures)
    }

    pub(crate) fn details(&self) -> &[Detail] {
        self.observation.verdict.as_ref().map_or(&[], |verdict| &verdict.details)
    }
}

/// Returns the impacts of observed checks on the state of a scope.
pub(crate) fn impacts<'c>(scope: Scope, observed: impl Iterator<Item = (&'c RegisteredCheck, &'c Observation)>) -> ScopeImpacts {
    let mut impacts = ScopeImpacts::default();
    for (check, observation) in observed {
        impacts.add(check.quorum(), observation.status, observed_impact(scope, check, observation));
    }
    impacts
}

fn observed_impact(scope: Scope, check: &RegisteredCheck, observation: &Observation) -> HealthState {
    let critical = check.policy.critical && !observation.limited;
    impact(scope, check.kinds, critical, observation.status, observation.has_result())
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report")
            .field("state", &self.state)
            .field("reason", &self.reason())
            .field("checks", &self.checks)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckReport")
            .field("name", &self.name())
            .field("status", &self.status())
            .field("error", &self.error())
            .finish_non_exhaustive()
    }
}
