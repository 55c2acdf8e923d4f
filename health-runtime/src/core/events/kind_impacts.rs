//! The state of each kind, from counts: a transition costs the same with any number of checks.

use super::recorder::KindStates;
use crate::core::model::aggregate::{Phase, impact, published_kind_state};
use crate::core::model::status::{HealthState, Kind, Kinds, Scope, Status};

/// How many checks of each kind have each impact.
#[derive(Debug, Default)]
pub(super) struct KindImpacts([[usize; STATES.len()]; Kind::ALL.len()]);

const STATES: [HealthState; 3] = [HealthState::Healthy, HealthState::Degraded, HealthState::Unhealthy];

impl KindImpacts {
    /// Counts a check with its first status.
    pub(super) fn add(&mut self, kinds: Kinds, critical: bool, status: Status) {
        self.for_each(kinds, critical, status, |count| *count += 1);
    }

    /// Counts a change of a status.
    pub(super) fn change(&mut self, kinds: Kinds, critical: bool, from: Status, to: Status) {
        self.for_each(kinds, critical, from, |count| *count -= 1);
        self.add(kinds, critical, to);
    }

    /// Returns the published state of each kind.
    pub(super) fn states(&self, phase: Phase) -> KindStates {
        let mut states = Kind::ALL.map(|_| HealthState::Healthy);
        for ((kind, counts), state) in Kind::ALL.into_iter().zip(&self.0).zip(&mut states) {
            let worst = STATES.into_iter().zip(counts).rev().find(|(_, count)| **count > 0);
            *state = published_kind_state(kind, worst.map_or(HealthState::Healthy, |(worst, _)| worst), phase);
        }
        states
    }

    fn for_each(&mut self, kinds: Kinds, critical: bool, status: Status, update: impl Fn(&mut usize)) {
        for (kind, counts) in Kind::ALL.into_iter().zip(&mut self.0).filter(|(kind, _)| kinds.has(*kind)) {
            // Startup is published as unhealthy until it has passed, so a missing result makes no difference here.
            let impact = impact(Scope::Kind(kind), kinds, critical, status, true);
            counts.get_mut(impact as usize).into_iter().for_each(&update);
        }
    }
}
