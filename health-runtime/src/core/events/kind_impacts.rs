//! The state of each kind, from counts: a transition costs the same with any number of checks.

use super::recorder::KindStates;
use crate::core::model::aggregate::{GroupTally, Phase, Quorum, impact, published_kind_state, worst};
use crate::core::model::status::{HealthState, Kind, Kinds, Scope, Status};
use crate::core::registry::RegisteredCheck;

/// What the state of the kinds needs of a check.
#[derive(Debug, Clone, Copy)]
pub(super) struct CountedCheck {
    pub(super) kinds: Kinds,
    pub(super) critical: bool,
    pub(super) quorum: Option<Quorum>,
}

impl CountedCheck {
    /// `limited`: its failure is limited, so it counts as one that is not critical.
    pub(super) fn new(check: &RegisteredCheck, limited: bool) -> Self {
        Self { kinds: check.kinds, critical: check.policy.critical && !limited, quorum: check.quorum() }
    }
}

/// The counts of each kind.
#[derive(Debug, Default)]
pub(super) struct KindImpacts([KindCounts; Kind::ALL.len()]);

#[derive(Debug, Default)]
struct KindCounts {
    /// How many checks without a quorum, and how many groups, have each impact.
    impacts: [usize; HealthState::ALL.len()],
    /// By the number of the group. Those without a check of the kind are empty and not counted.
    groups: Vec<GroupTally>,
}

impl KindImpacts {
    /// Counts a check with its first status.
    pub(super) fn add(&mut self, check: CountedCheck, status: Status) {
        self.for_each(check, |counts, kind| counts.update(check.quorum, None, Some((status, impact_of(kind, check, status)))));
    }

    /// Counts a change of a status, or of whether the check is critical.
    pub(super) fn change(&mut self, from: (CountedCheck, Status), to: (CountedCheck, Status)) {
        let quorum = to.0.quorum;
        self.for_each(to.0, |counts, kind| {
            let [from, to] = [from, to].map(|(check, status)| Some((status, impact_of(kind, check, status))));
            counts.update(quorum, from, to);
        });
    }

    /// Returns the published state of each kind.
    pub(super) fn states(&self, phase: Phase) -> KindStates {
        let mut states = Kind::ALL.map(|_| HealthState::Healthy);
        for ((kind, counts), state) in Kind::ALL.into_iter().zip(&self.0).zip(&mut states) {
            *state = published_kind_state(kind, worst(&counts.impacts), phase);
        }
        states
    }

    fn for_each(&mut self, check: CountedCheck, update: impl Fn(&mut KindCounts, Kind)) {
        let of_check = Kind::ALL.into_iter().zip(&mut self.0).filter(|(kind, _)| check.kinds.has(*kind));
        of_check.for_each(|(kind, counts)| update(counts, kind));
    }
}

fn impact_of(kind: Kind, check: CountedCheck, status: Status) -> HealthState {
    // Startup is published as unhealthy until it has passed, so a missing result makes no difference here.
    impact(Scope::Kind(kind), check.kinds, check.critical, status, true)
}

impl KindCounts {
    /// Replaces what a check counted with what it counts now.
    fn update(&mut self, quorum: Option<Quorum>, from: Option<(Status, HealthState)>, to: Option<(Status, HealthState)>) {
        let (from, to) = match quorum {
            None => (from.map(|(_, impact)| impact), to.map(|(_, impact)| impact)),
            Some(quorum) => {
                if self.groups.len() <= quorum.group {
                    self.groups.resize_with(quorum.group + 1, GroupTally::default);
                }
                let Some(group) = self.groups.get_mut(quorum.group) else { return };
                let before = (!group.is_empty()).then(|| group.impact());
                if let Some((status, impact)) = from {
                    group.remove(status, impact);
                }
                if let Some((status, impact)) = to {
                    group.add(quorum, status, impact);
                }
                (before, Some(group.impact()))
            }
        };
        from.and_then(|from| self.impacts.get_mut(from as usize)).into_iter().for_each(|count| *count -= 1);
        to.and_then(|to| self.impacts.get_mut(to as usize)).into_iter().for_each(|count| *count += 1);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::core::model::tests::quorum_model::{ModelCheck, checks, state, statuses};

    fn compare(impacts: &KindImpacts, checks: &[ModelCheck]) -> Result<(), TestCaseError> {
        let phase = Phase { started: true, ..Phase::default() };
        let expected = Kind::ALL.map(|kind| {
            let of_kind: Vec<&ModelCheck> = checks.iter().filter(|check| check.kinds.has(kind)).collect();
            published_kind_state(kind, state(kind.into(), &of_kind), phase)
        });
        prop_assert_eq!(impacts.states(phase), expected);
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]

        #[test]
        fn d2_the_counts_equal_the_naive_model_after_every_transition(
            mut checks in checks(),
            changes in prop::collection::vec((any::<prop::sample::Index>(), statuses()), 0..30),
        ) {
            let mut impacts = KindImpacts::default();
            for check in &mut checks {
                check.has_result = true;
                impacts.add(counted(check), check.status);
            }
            compare(&impacts, &checks)?;
            for (index, status) in changes {
                if checks.is_empty() {
                    break;
                }
                let check = index.index(checks.len());
                let counted = counted(&checks[check]);
                impacts.change((counted, checks[check].status), (counted, status));
                checks[check].status = status;
                compare(&impacts, &checks)?;
            }
        }
    }

    fn counted(check: &ModelCheck) -> CountedCheck {
        CountedCheck { kinds: check.kinds, critical: check.critical, quorum: check.quorum }
    }
}
