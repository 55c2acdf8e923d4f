//! The states of the kinds, from samples of their checks.

use crate::core::engine::CheckSample;
use crate::core::model::aggregate::{Phase, ScopeImpacts, impact, published_kind_state};
use crate::core::model::status::{HealthState, Kind, Scope};

/// Returns the state of each kind.
pub(super) fn kind_states(samples: &[CheckSample<'_>], phase: Phase) -> [(Kind, HealthState); Kind::ALL.len()] {
    Kind::ALL.map(|kind| {
        let of_kind = samples.iter().filter(|sample| sample.check.kinds.has(kind));
        let mut impacts = ScopeImpacts::default();
        for CheckSample { check, status, limited, has_result, .. } in of_kind {
            let critical = check.policy.critical && !limited;
            let impact = impact(Scope::Kind(kind), check.kinds, critical, *status, *has_result);
            impacts.add(check.quorum(), *status, impact);
        }
        (kind, published_kind_state(kind, impacts.worst(), phase))
    })
}
