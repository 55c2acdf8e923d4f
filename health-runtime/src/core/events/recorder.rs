//! What metrics exporters are notified of.

use std::any::Any;
use std::time::Duration;

use crate::core::model::status::{HealthState, Kind, Scope, Status};
use crate::core::model::verdict::{CheckTimings, RunResult};

/// The states of all kinds, in the order of [`Kind::ALL`].
pub(crate) type KindStates = [HealthState; Kind::ALL.len()];

/// Receives events for metrics. Checks are named by their index in the order of names.
pub(crate) trait Recorder: Any + Send + Sync {
    /// A run finished. `duration` is `None` where it never started.
    fn run_finished(&self, index: usize, result: RunResult, duration: Option<Duration>);

    /// A reporter pushed a status.
    fn status_reported(&self, index: usize, result: RunResult);

    /// A probe read a check, or its state changed.
    fn status_observed(&self, _index: usize, _status: Status, _timings: &dyn Fn() -> CheckTimings) {}

    /// Stores the states of the kinds. Called in the order of the transitions, with the lock of the publisher held, so it must
    /// not call foreign code.
    fn store_kind_states(&self, _states: KindStates) {}

    /// Emits the states of the kinds that were stored last. Called without a lock.
    fn emit_kind_states(&self) {}

    /// A probe was answered.
    fn probe_answered(&self, scope: Scope, status_code: u16);
}

/// Every recorder of one `Health`.
#[derive(Default)]
pub(crate) struct Recorders(Vec<Box<dyn Recorder>>);

impl Recorders {
    #[cfg(any(feature = "metrics", feature = "prometheus"))]
    pub(crate) fn new(recorders: Vec<Box<dyn Recorder>>) -> Self {
        Self(recorders)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &dyn Recorder> {
        self.0.iter().map(|recorder| &**recorder)
    }

    /// Returns the recorder of the type `R`.
    #[cfg(feature = "prometheus")]
    pub(crate) fn get<R: Recorder>(&self) -> Option<&R> {
        self.iter().find_map(|recorder| (recorder as &dyn Any).downcast_ref())
    }
}
