//! From the statuses of checks to the state of a kind or of all checks.

use std::collections::HashMap;

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

/// The rule about the state of several checks together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quorum {
    /// The number of the group of checks, of which there are few.
    pub(crate) group: usize,
    /// How many checks of the group must be good for it not to be unhealthy.
    pub(crate) required: usize,
}

/// The statuses of the selected checks of one group.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct GroupTally {
    /// How many checks have each impact, in the order of [`HealthState::ALL`].
    impacts: [usize; HealthState::ALL.len()],
    up: usize,
    /// Up or degraded, for liveness also unknown.
    good: usize,
    required: usize,
}

impl GroupTally {
    pub(crate) fn is_empty(&self) -> bool {
        self.impacts.iter().all(|count| *count == 0)
    }

    /// Counts a check.
    pub(crate) fn add(&mut self, quorum: Quorum, status: Status, impact: HealthState) {
        self.required = quorum.required;
        self.count(status, impact, |count| *count += 1);
    }

    /// Takes back what was counted.
    pub(crate) fn remove(&mut self, status: Status, impact: HealthState) {
        self.count(status, impact, |count| *count -= 1);
    }

    fn count(&mut self, status: Status, impact: HealthState, mut update: impl FnMut(&mut usize)) {
        self.impacts.get_mut(impact as usize).into_iter().for_each(&mut update);
        if status == Status::Up {
            update(&mut self.up);
        }
        let is_good = match status {
            Status::Up | Status::Degraded => true,
            // Only a missing result of a liveness check is healthy.
            Status::Unknown => impact == HealthState::Healthy,
            Status::Down => false,
        };
        if is_good {
            update(&mut self.good);
        }
    }

    /// Returns the state that the group causes. Where too few checks are good, that is the worst that one of them causes.
    pub(crate) fn impact(&self) -> HealthState {
        let total: usize = self.impacts.iter().sum();
        if self.up == total {
            HealthState::Healthy
        } else if self.good >= self.required.min(total) {
            HealthState::Degraded
        } else {
            worst(&self.impacts).max(HealthState::Degraded)
        }
    }
}

/// Returns the worst state that some check causes.
pub(crate) fn worst(impacts: &[usize; HealthState::ALL.len()]) -> HealthState {
    let found = HealthState::ALL.into_iter().zip(impacts).rev().find(|(_, count)| **count > 0);
    found.map_or(HealthState::Healthy, |(state, _)| state)
}

/// The impacts of checks on the state of one scope, with those of groups that have a quorum.
#[derive(Debug, Default)]
pub(crate) struct ScopeImpacts {
    worst_single: Option<HealthState>,
    groups: HashMap<usize, GroupTally>,
}

impl ScopeImpacts {
    pub(crate) fn add(&mut self, quorum: Option<Quorum>, status: Status, impact: HealthState) {
        match quorum {
            None => self.worst_single = self.worst_single.max(Some(impact)),
            Some(quorum) => self.groups.entry(quorum.group).or_default().add(quorum, status, impact),
        }
    }

    /// Returns the worst impact of a check without a quorum or of a group.
    pub(crate) fn worst(&self) -> HealthState {
        let groups = self.groups.values().map(GroupTally::impact);
        groups.chain(self.worst_single).max().unwrap_or(HealthState::Healthy)
    }

    /// Returns the impact of a check that alone has `impact`: a group whose quorum is reached limits it.
    pub(crate) fn limit(&self, quorum: Option<Quorum>, impact: HealthState) -> HealthState {
        let group = quorum.and_then(|quorum| self.groups.get(&quorum.group));
        group.map_or(impact, |group| impact.min(group.impact()))
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
