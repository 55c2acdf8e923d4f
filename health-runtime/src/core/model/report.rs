//! What one answer says, before it is put into a format.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::core::model::check_history::Record;
use crate::core::model::outcome::Detail;
use crate::core::model::status::{HealthState, Kind, Kinds, Scope, Status};
use crate::core::model::verdict::Seen;
use crate::core::registry::Registered;

/// What one answer says: the state of the whole, and of each check in it.
///
/// It serialises as the project's own body. Get one with [`Health::report`](crate::Health::report).
pub struct Report {
    state: HealthState,
    reason: Option<&'static str>,
    checks: Vec<CheckReport>,
    version: Option<Arc<str>>,
    uptime: Duration,
    now: Instant,
    /// The same on the wall clock, once for all that is written of it.
    wall: OnceLock<SystemTime>,
    in_flight: Option<usize>,
}

/// What one answer says of one check.
pub struct CheckReport {
    check: Arc<Registered>,
    seen: Seen,
    /// Aside, and only where somebody asked for it: a run that nobody looks at so closely pays for nothing.
    record: Option<Box<Record>>,
}

/// Where the process stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Phase {
    /// Startup has passed.
    pub(crate) started: bool,
    /// Not ready any more, for good.
    pub(crate) draining: bool,
}

/// What stands in every answer.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) version: Option<Arc<str>>,
    pub(crate) uptime: Duration,
    pub(crate) now: Instant,
    /// Requests of the application under way, where somebody counts them and asks.
    pub(crate) in_flight: Option<usize>,
}

impl Report {
    /// Checks come in the order of their names.
    pub(crate) fn new(scope: Scope, checks: Vec<CheckReport>, phase: Phase, identity: Identity) -> Self {
        let worst = checks.iter().map(|check| check.effect(scope)).max().unwrap_or(HealthState::Healthy);
        let (state, reason) = state_of(scope, worst, phase);
        let Identity { version, uptime, now, in_flight } = identity;
        Self { state, reason, checks, version, uptime, now, wall: OnceLock::new(), in_flight }
    }

    /// The state of the whole. Unhealthy is 503, the others are 200.
    pub fn state(&self) -> HealthState {
        self.state
    }

    /// `starting` or `draining`, where that makes the whole unhealthy whatever the checks say.
    pub fn reason(&self) -> Option<&str> {
        self.reason
    }

    /// One check by its name.
    pub fn check(&self, name: &str) -> Option<&CheckReport> {
        self.checks.iter().find(|check| check.name() == name)
    }

    /// Every check of this answer, in the order of their names.
    pub fn checks(&self) -> impl Iterator<Item = &CheckReport> {
        self.checks.iter()
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.reason == Some(DRAINING)
    }

    pub(crate) fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    pub(crate) fn uptime(&self) -> Duration {
        self.uptime
    }

    pub(crate) fn in_flight(&self) -> Option<usize> {
        self.in_flight
    }

    /// When it was made.
    pub(crate) fn now(&self) -> Instant {
        self.now
    }

    pub(crate) fn wall(&self) -> SystemTime {
        *self.wall.get_or_init(SystemTime::now)
    }
}

const DRAINING: &str = "draining";

/// The state of a scope whose worst check is this bad, and the reason where it is not the checks.
pub(crate) fn state_of(scope: Scope, worst: HealthState, phase: Phase) -> (HealthState, Option<&'static str>) {
    let reason = match scope {
        Scope::Kind(Kind::Liveness | Kind::Startup) => None,
        Scope::Kind(Kind::Readiness) | Scope::All if phase.draining => Some(DRAINING),
        Scope::Kind(Kind::Readiness) | Scope::All => (!phase.started).then_some("starting"),
    };
    let state = match scope {
        _ if reason.is_some() => HealthState::Unhealthy,
        // Passed is passed: what fails afterwards is for readiness to say.
        Scope::Kind(Kind::Startup) if phase.started => worst.min(HealthState::Degraded),
        // A process that drains before it has started never passes any more.
        Scope::Kind(Kind::Startup) if phase.draining => HealthState::Unhealthy,
        Scope::Kind(_) | Scope::All => worst,
    };
    (state, reason)
}

/// The state of a kind, as it is told where nobody asked: startup passes with an answer, so that it cannot have passed before.
pub(crate) fn state_of_kind(kind: Kind, worst: HealthState, phase: Phase) -> HealthState {
    if kind == Kind::Startup && !phase.started { HealthState::Unhealthy } else { state_of(kind.into(), worst, phase).0 }
}

/// How bad the startup checks are, which decides whether startup has passed.
pub(crate) fn startup_state(seen: &[(&Arc<Registered>, Seen)]) -> HealthState {
    let startup = Scope::Kind(Kind::Startup);
    seen.iter()
        .map(|(check, seen)| effect(startup, check.kinds, check.policy.critical, seen.status, seen.verdict.is_some()))
        .max()
        .unwrap_or(HealthState::Healthy)
}

/// What the status of one check makes of the whole. `has_result`: it was run before.
pub(crate) fn effect(scope: Scope, kinds: Kinds, critical: bool, status: Status, has_result: bool) -> HealthState {
    let only_alive = scope == Scope::Kind(Kind::Liveness) || kinds.only(Kind::Liveness);
    match status {
        Status::Up => HealthState::Healthy,
        // Not to know is no reason for a restart.
        Status::Unknown if only_alive => HealthState::Healthy,
        // What has not run yet has not failed, so there is nothing to overlook: startup would pass without its result,
        // and the check would be run no more.
        Status::Unknown if scope == Scope::Kind(Kind::Startup) && !has_result => HealthState::Unhealthy,
        Status::Unknown | Status::Down if critical => HealthState::Unhealthy,
        Status::Degraded | Status::Unknown | Status::Down => HealthState::Degraded,
    }
}

impl CheckReport {
    pub(crate) fn new(check: &Arc<Registered>, seen: Seen, record: Option<Record>) -> Self {
        Self { check: Arc::clone(check), seen, record: record.map(Box::new) }
    }

    /// What it makes of the whole.
    pub(crate) fn effect(&self, scope: Scope) -> HealthState {
        let check = &*self.check;
        effect(scope, check.kinds, check.policy.critical, self.seen.status, self.seen.verdict.is_some())
    }

    /// The name of the check.
    pub fn name(&self) -> &str {
        &self.check.name
    }

    /// Its status.
    pub fn status(&self) -> Status {
        self.seen.status
    }

    /// Why it is not up, for every reader: the author's reason, masked, or the public class of an error.
    pub fn error(&self) -> Option<&str> {
        self.seen.why.as_ref().map(|why| &*why.public)
    }

    /// Why it is not up, for those who may know: the whole chain of an error, masked.
    pub fn full_error(&self) -> Option<&str> {
        self.seen.why.as_ref().map(|why| why.chain.as_deref().unwrap_or(&why.public))
    }

    /// How long the last run took that ended.
    pub fn latency(&self) -> Option<Duration> {
        self.seen.verdict.as_ref().and_then(|verdict| verdict.took)
    }

    /// How long ago the last run ended.
    pub fn age(&self) -> Option<Duration> {
        self.seen.age
    }

    pub(crate) fn check(&self) -> &Registered {
        &self.check
    }

    pub(crate) fn record(&self) -> &Record {
        self.record.as_deref().unwrap_or(Record::NONE)
    }

    /// Failed runs in a row, up to the last one.
    pub(crate) fn consecutive_failures(&self) -> u32 {
        self.seen.verdict.as_ref().map_or(0, |verdict| verdict.failures)
    }

    pub(crate) fn details(&self) -> &[Detail] {
        self.seen.verdict.as_ref().map_or(&[], |verdict| &verdict.details)
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report")
            .field("state", &self.state)
            .field("reason", &self.reason)
            .field("checks", &self.checks)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckReport")
            .field("name", &self.name())
            .field("status", &self.seen.status)
            .field("error", &self.error())
            .finish_non_exhaustive()
    }
}
