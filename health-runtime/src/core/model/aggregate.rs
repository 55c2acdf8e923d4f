//! From the statuses of checks to the state of a kind or of all checks.

use super::status::{HealthState, Kind, Kinds, Scope, Status};

/// The phase of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Phase {
    /// Startup has passed.
    pub(crate) started: bool,
    /// The drain has begun. It never ends.
    pub(crate) draining: bool,
    /// The application asked for no traffic for a while.
    pub(crate) maintenance: bool,
}

/// Why the process is not ready, whatever its checks return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotReady {
    Draining,
    Maintenance,
    Starting,
}

impl Phase {
    fn not_ready(self) -> Option<NotReady> {
        match self {
            Self { draining: true, .. } => Some(NotReady::Draining),
            Self { maintenance: true, .. } => Some(NotReady::Maintenance),
            Self { started: false, .. } => Some(NotReady::Starting),
            Self { started: true, .. } => None,
        }
    }
}

/// Returns the state that one check with this status causes. `has_result`: a run of it finished, and none is overdue.
pub(crate) fn impact(scope: Scope, kinds: Kinds, critical: bool, status: Status, has_result: bool) -> HealthState {
    let liveness_only = scope == Scope::Kind(Kind::Liveness) || kinds.only(Kind::Liveness);
    match status {
        Status::Up => HealthState::Healthy,
        // A missing result does not justify a restart.
        Status::Unknown if liveness_only => HealthState::Healthy,
        // A non-critical startup check holds startup up until it has a result: it does not run again once startup has passed.
        Status::Unknown | Status::Down if scope == Scope::Kind(Kind::Startup) && !has_result => HealthState::Unhealthy,
        Status::Unknown | Status::Down if critical => HealthState::Unhealthy,
        Status::Degraded | Status::Unknown | Status::Down => HealthState::Degraded,
    }
}

/// Returns the state of a scope whose worst impact is `worst`, and the reason where it does not come from a check.
pub(crate) fn aggregate(scope: Scope, worst: HealthState, phase: Phase) -> (HealthState, Option<NotReady>) {
    let reason = match scope {
        Scope::Kind(Kind::Liveness | Kind::Startup) => None,
        Scope::Kind(Kind::Readiness) | Scope::All => phase.not_ready(),
    };
    let state = match scope {
        _ if reason.is_some() => HealthState::Unhealthy,
        // Startup has passed for good; later failures count for readiness.
        Scope::Kind(Kind::Startup) if phase.started => worst.min(HealthState::Degraded),
        // A process that drains before startup has passed never starts.
        Scope::Kind(Kind::Startup) if phase.draining => HealthState::Unhealthy,
        Scope::Kind(_) | Scope::All => worst,
    };
    (state, reason)
}

/// Returns the state of a kind as subscribers and metrics see it. Startup passes only with a response to a probe, so it is
/// unhealthy until then.
pub(crate) fn published_kind_state(kind: Kind, worst: HealthState, phase: Phase) -> HealthState {
    if kind == Kind::Startup && !phase.started { HealthState::Unhealthy } else { aggregate(kind.into(), worst, phase).0 }
}
