//! What metrics exporters are notified of.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::contain::contain_panic;
use super::notifier;
use crate::core::model::status::{HealthState, Kind, Scope, Status};
use crate::core::model::verdict::{CheckTimings, RunResult};

/// The states of all kinds, in the order of [`Kind::ALL`].
pub(crate) type KindStates = [HealthState; Kind::ALL.len()];

/// Receives events for metrics. Checks are named by their index in the order of names.
///
/// The methods `store_…` are called in the order of the transitions, with the lock of the publisher held, so they must not call
/// code of the application. All others may, and are called without a lock, in any order.
pub(crate) trait Recorder: Any + Send + Sync {
    /// A run finished. `duration` is `None` where it never started.
    fn run_finished(&self, index: usize, result: RunResult, duration: Option<Duration>);

    /// A reporter pushed a status.
    fn status_reported(&self, index: usize, result: RunResult);

    /// A probe read a check, or its state changed.
    fn timings_observed(&self, _index: usize, _timings: CheckTimings) {}

    /// Stores the published status of a check.
    fn store_status(&self, _index: usize, _status: Status) {}

    /// Emits the status of a check that was stored last.
    fn emit_status(&self, _index: usize) {}

    /// Stores the states of the kinds.
    fn store_kind_states(&self, _states: KindStates) {}

    /// Emits the states of the kinds that were stored last.
    fn emit_kind_states(&self) {}

    /// A probe was answered.
    fn probe_answered(&self, scope: Scope, status_code: u16);
}

/// A call of a recorder that takes longer is the last one in place. Later calls are made by the notifier.
const SLOW_CALL: Duration = Duration::from_millis(100);

/// Every recorder of one `Health`.
#[derive(Default)]
pub(crate) struct Recorders {
    recorders: Vec<Box<dyn Recorder>>,
    is_slow: AtomicBool,
}

impl Recorders {
    #[cfg(any(feature = "metrics", feature = "prometheus"))]
    pub(crate) fn new(recorders: Vec<Box<dyn Recorder>>) -> Self {
        Self { recorders, is_slow: AtomicBool::new(false) }
    }

    /// Calls every recorder, in place until one of them was slow. Contains their panics. Call it without a lock, after the state
    /// was changed and waiters were woken.
    pub(crate) fn call(self: &Arc<Self>, call: impl Fn(&dyn Recorder) + Send + 'static) {
        if self.recorders.is_empty() {
            return;
        }
        if self.is_slow.load(Ordering::Relaxed) {
            let recorders = Arc::clone(self);
            return notifier::enqueue(move || recorders.call_in_place(&call));
        }
        let began = Instant::now();
        self.call_in_place(&call);
        if began.elapsed() >= SLOW_CALL {
            self.is_slow.store(true, Ordering::Relaxed);
        }
    }

    /// Stores the published status of a check.
    pub(super) fn store_status(&self, index: usize, status: Status) {
        self.recorders.iter().for_each(|recorder| recorder.store_status(index, status));
    }

    /// Stores the published states of the kinds.
    pub(super) fn store_kind_states(&self, states: KindStates) {
        self.recorders.iter().for_each(|recorder| recorder.store_kind_states(states));
    }

    /// Returns the recorder of the type `R`.
    #[cfg(feature = "prometheus")]
    pub(crate) fn get<R: Recorder>(&self) -> Option<&R> {
        self.recorders.iter().find_map(|recorder| (&**recorder as &dyn Any).downcast_ref())
    }

    fn call_in_place(&self, call: &dyn Fn(&dyn Recorder)) {
        for recorder in &self.recorders {
            contain_panic(|| call(&**recorder));
        }
    }
}
