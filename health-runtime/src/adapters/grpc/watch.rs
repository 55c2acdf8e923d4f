//! The statuses that a watch sends.
//!
//! A watch reads the published transitions, so it misses none between two probes. Its probes find what no transition shows yet,
//! such as a result that is stale. Both set the same state, and a status that was just sent is not sent again.

use std::future::ready;

use futures_util::{Stream, StreamExt, stream};

use tonic_health::pb::health_check_response::ServingStatus;

use super::prober::{Claims, Prober};
use super::serving_status;
use super::target::Target;
use crate::core::events::recorder::KindStates;
use crate::core::events::{Transition, Transitions};
use crate::core::health::Health;
use crate::core::model::status::{HealthState, Kind};

/// Returns the status of a target and each change of it, until the drain ends.
pub(super) fn statuses(health: &Health, target: Target, claims: &Claims) -> impl Stream<Item = ServingStatus> + Send + use<> {
    let watch = Watch {
        transitions: health.subscribe(),
        kinds: health.inner().engine.publisher().kind_states(),
        prober: Prober::new(health, &target, claims),
        state: None,
        sent: None,
        has_ended: false,
        health: health.clone(),
        target,
    };
    stream::unfold(watch, |mut watch| async move { watch.next().await.map(|status| (status, watch)) })
}

/// Returns the status of a target that does not exist, and ends when the drain ends.
pub(super) fn unknown(health: &Health) -> impl Stream<Item = ServingStatus> + Send + use<> {
    let health = health.clone();
    let end = async move { health.inner().lifecycle.wait_for_drain_end().await };
    stream::iter([ServingStatus::ServiceUnknown]).chain(stream::once(end).filter_map(|()| ready(None)))
}

struct Watch {
    health: Health,
    target: Target,
    transitions: Transitions,
    /// The published states, as far as the transitions were read.
    kinds: KindStates,
    prober: Prober,
    /// `None` until the first probe has ended.
    state: Option<HealthState>,
    sent: Option<ServingStatus>,
    has_ended: bool,
}

impl Watch {
    /// Waits for the first status or the next change. Returns `None` once the drain has ended.
    async fn next(&mut self) -> Option<ServingStatus> {
        let health = self.health.clone();
        let lifecycle = &health.inner().lifecycle;
        loop {
            let phase = lifecycle.phase();
            let status = self.state.map(|state| serving_status(self.target.state_in_phase(state, phase)));
            if status.is_some() && status != self.sent {
                self.sent = status;
                return status;
            }
            if self.has_ended {
                return None;
            }
            tokio::select! {
                // The transitions first: they are older than the results of a probe and the end of the drain.
                biased;
                transition = self.transitions.next() => self.apply(&transition?),
                () = lifecycle.wait_for_drain(), if !phase.draining => {}
                state = self.prober.next_state() => self.state = Some(state),
                () = lifecycle.wait_for_drain_end() => self.has_ended = true,
            }
        }
    }

    fn apply(&mut self, transition: &Transition) {
        match transition {
            Transition::Kind { kind, to, .. } => {
                let of_kind = Kind::ALL.into_iter().zip(&mut self.kinds).filter(|(other, _)| other == kind);
                of_kind.for_each(|(_, state)| *state = *to);
            }
            Transition::Lagged(_) => {
                self.kinds = self.health.inner().engine.publisher().kind_states();
                self.prober.start();
            }
            Transition::Check { .. } => {}
        }
        let inner = self.health.inner();
        self.state = self.state.map(|before| self.target.state_after(inner, transition, before, self.kinds));
    }
}
