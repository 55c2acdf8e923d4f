//! What the name of a gRPC service means.

use std::sync::Arc;

use crate::core::events::Transition;
use crate::core::events::recorder::KindStates;
use crate::core::health_inner::{HealthInner, ProbeQuery};
use crate::core::model::aggregate::{Phase, aggregate, impact};
use crate::core::model::status::{HealthState, Kind, Scope};
use crate::core::registry::RegisteredCheck;
use crate::core::report::Report;

/// A scope or a check.
#[derive(Clone)]
pub(super) enum Target {
    Scope(Scope),
    Check(Arc<RegisteredCheck>),
}

impl Target {
    /// Returns what a name means. That of a scope wins over that of a check.
    pub(super) fn find(inner: &HealthInner, name: &str) -> Option<Self> {
        let name = if name.is_empty() { Kind::Readiness.as_str() } else { name };
        let scopes = Kind::ALL.into_iter().map(Scope::Kind).chain([Scope::All]);
        let scope = scopes.map(Self::Scope).find(|target| target.name() == name);
        scope.or_else(|| inner.engine.check(name).map(|check| Self::Check(Arc::clone(check))))
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Scope(Scope::Kind(kind)) => kind.as_str(),
            Self::Scope(Scope::All) => "health",
            Self::Check(check) => &check.name,
        }
    }

    pub(super) fn query(&self) -> ProbeQuery {
        match self {
            Self::Scope(scope) => ProbeQuery::from(*scope),
            Self::Check(check) => ProbeQuery { check: Some(check.name.to_string()), ..ProbeQuery::from(Scope::All) },
        }
    }

    /// Returns the state that a report shows: of a scope in the phase of the report, of a check without a phase.
    pub(super) fn state_of(&self, report: &Report) -> HealthState {
        match self {
            Self::Scope(_) => report.state(),
            Self::Check(check) => report.check(&check.name).map_or(report.state(), |check| report.impact(check)),
        }
    }

    /// Returns the state after a transition, from the state before, as [`state_of`](Self::state_of) does.
    pub(super) fn state_after(
        &self,
        inner: &HealthInner,
        transition: &Transition,
        before: HealthState,
        kinds: KindStates,
    ) -> HealthState {
        match (self, transition) {
            (Self::Scope(Scope::Kind(own)), Transition::Kind { kind, to, .. }) if own == kind => *to,
            (Self::Scope(Scope::All), Transition::Kind { .. }) => kinds.into_iter().max().unwrap_or(before),
            (Self::Check(check), Transition::Check { name, to, .. }) if **name == *check.name => {
                let critical = check.policy.critical && !inner.engine.is_limited(check);
                impact(Scope::All, check.kinds, critical, *to, true)
            }
            _ => before,
        }
    }

    /// Returns a state in this phase.
    pub(super) fn state_in_phase(&self, state: HealthState, phase: Phase) -> HealthState {
        let scope = if let Self::Scope(scope) = self { *scope } else { Scope::All };
        aggregate(scope, state, phase).0
    }
}
