//! A naive model of the states of scopes: the sentences of the documentation about all selected checks, where the aggregation counts.

use proptest::prelude::*;

use crate::core::model::aggregate::{Quorum, ScopeImpacts, impact};
use crate::core::model::status::{HealthState, Kind, Kinds, Scope, Status};

/// A check of the model. Checks of one group have the same kinds and the same quorum.
#[derive(Debug, Clone)]
pub(crate) struct ModelCheck {
    pub(crate) kinds: Kinds,
    pub(crate) critical: bool,
    pub(crate) quorum: Option<Quorum>,
    pub(crate) status: Status,
    pub(crate) has_result: bool,
}

/// Returns the state of a scope from these checks, which a response selects.
pub(crate) fn state(scope: Scope, checks: &[&ModelCheck]) -> HealthState {
    let single = checks.iter().filter(|check| check.quorum.is_none()).map(|check| state_of_one(scope, check));
    let quorums = checks.iter().filter_map(|check| check.quorum);
    let groups = quorums.map(|quorum| {
        let group: Vec<&ModelCheck> = checks.iter().copied().filter(|check| check.quorum == Some(quorum)).collect();
        state_of_group(scope, quorum.required, &group)
    });
    single.chain(groups).max().unwrap_or(HealthState::Healthy)
}

fn is_liveness(scope: Scope, check: &ModelCheck) -> bool {
    scope == Scope::Kind(Kind::Liveness) || check.kinds.only(Kind::Liveness)
}

fn state_of_one(scope: Scope, check: &ModelCheck) -> HealthState {
    let is_missing = scope == Scope::Kind(Kind::Startup) && !check.has_result;
    match check.status {
        Status::Up => HealthState::Healthy,
        Status::Unknown if is_liveness(scope, check) => HealthState::Healthy,
        Status::Unknown | Status::Down if check.critical || is_missing => HealthState::Unhealthy,
        Status::Degraded | Status::Unknown | Status::Down => HealthState::Degraded,
    }
}

/// All up: healthy. At least `required` good, which is at most their number: degraded. Else unhealthy, unless none is critical.
fn state_of_group(scope: Scope, required: usize, group: &[&ModelCheck]) -> HealthState {
    let is_good = |check: &&&ModelCheck| match check.status {
        Status::Up | Status::Degraded => true,
        Status::Unknown => is_liveness(scope, check),
        Status::Down => false,
    };
    if group.iter().all(|check| check.status == Status::Up) {
        HealthState::Healthy
    } else if group.iter().filter(is_good).count() >= required.min(group.len()) {
        HealthState::Degraded
    } else {
        group.iter().map(|check| state_of_one(scope, check)).max().unwrap_or(HealthState::Healthy)
    }
}

pub(crate) fn statuses() -> impl Strategy<Value = Status> {
    prop_oneof![3 => Just(Status::Up), 1 => Just(Status::Degraded), 1 => Just(Status::Unknown), 2 => Just(Status::Down)]
}

/// Returns up to four groups of up to five checks, and up to three single ones, in any order.
pub(crate) fn checks() -> impl Strategy<Value = Vec<ModelCheck>> {
    let kinds = prop::sample::subsequence(Kind::ALL.to_vec(), 1..=3).prop_map(|kinds| kinds.into_iter().collect::<Kinds>());
    let member = (statuses(), any::<bool>(), prop::bool::weighted(0.8));
    let group = (kinds, prop::option::of(1..6_usize), prop::collection::vec(member, 1..6));
    prop::collection::vec(group, 0..6).prop_map(flatten).prop_shuffle()
}

type Member = (Status, bool, bool);

fn flatten(groups: Vec<(Kinds, Option<usize>, Vec<Member>)>) -> Vec<ModelCheck> {
    let groups = groups.into_iter().enumerate();
    let members = groups.flat_map(|(group, (kinds, required, members))| {
        let quorum = required.map(|required| Quorum { group, required });
        let check = move |(status, critical, has_result)| ModelCheck { kinds, critical, quorum, status, has_result };
        members.into_iter().map(check)
    });
    members.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// The response selects some of the checks, by its scope and by `selected`.
    #[test]
    fn d2_the_state_of_a_scope_equals_that_of_the_naive_model(
        checks in checks(),
        selected in prop::collection::vec(prop::bool::weighted(0.8), 30),
        scope in prop::sample::select(vec![Scope::All, Kind::Liveness.into(), Kind::Readiness.into(), Kind::Startup.into()]),
    ) {
        let in_scope = |check: &&ModelCheck| match scope {
            Scope::All => true,
            Scope::Kind(kind) => check.kinds.has(kind),
        };
        let selected: Vec<&ModelCheck> =
            checks.iter().zip(selected).filter(|(_, selected)| *selected).map(|(check, _)| check).filter(in_scope).collect();
        let impact_of = |check: &ModelCheck| impact(scope, check.kinds, check.critical, check.status, check.has_result);
        let mut impacts = ScopeImpacts::default();
        for check in &selected {
            impacts.add(check.quorum, check.status, impact_of(check));
        }
        let expected = state(scope, &selected);
        prop_assert_eq!(impacts.worst(), expected);
        // What a format shows of one check is never worse than the state.
        for check in selected {
            prop_assert!(impacts.limit(check.quorum, impact_of(check)) <= expected);
        }
    }
}
