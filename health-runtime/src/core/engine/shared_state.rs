//! The state of one check, shared between the task that runs it and its readers.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use crate::core::model::verdict::CheckState;

#[cfg(test)]
thread_local! {
    /// How often this thread accessed the state of some check.
    pub(super) static ACCESSES: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// A `watch` channel would do, but it counts its receivers and wakes eight lists of them for each run.
///
/// The lock is never held while code of the application runs.
#[derive(Default)]
pub(super) struct SharedState {
    state: Mutex<CheckState>,
    changed: Notify,
}

impl SharedState {
    pub(super) fn with<R>(&self, read: impl FnOnce(&CheckState) -> R) -> R {
        self.update(|state| read(state))
    }

    /// Changes the state. Call [`notify_waiters`](Self::notify_waiters) afterwards if someone may wait for the change.
    pub(super) fn update<R>(&self, update: impl FnOnce(&mut CheckState) -> R) -> R {
        #[cfg(test)]
        ACCESSES.set(ACCESSES.get() + 1);
        update(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn notify_waiters(&self) {
        self.changed.notify_waiters();
    }

    /// Returns a future that ends with the next notification after this call, even if it is polled later. Create it before
    /// reading the state, or a notification between the two is lost.
    pub(super) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }
}
