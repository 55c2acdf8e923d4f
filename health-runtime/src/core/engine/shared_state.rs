//! Where one check stands: written by the task that runs it, read by everybody, waited for by probes.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use crate::core::model::verdict::Standing;

/// The lock is held to look or to change, and never while code of the application runs. A `watch` channel would do as
/// well, but it counts its readers and wakes eight lists of them for each run.
#[derive(Default)]
pub(super) struct Board {
    standing: Mutex<Standing>,
    changed: Notify,
}

impl Board {
    pub(super) fn read<R>(&self, look: impl FnOnce(&Standing) -> R) -> R {
        self.note(|standing| look(standing))
    }

    /// A change; who waits for it is to be woken.
    pub(super) fn note<R>(&self, change: impl FnOnce(&mut Standing) -> R) -> R {
        change(&mut self.standing.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// To be called after a change that somebody may wait for.
    pub(super) fn wake(&self) {
        self.changed.notify_waiters();
    }

    /// Ends with the next change after this call, whenever it is awaited. So ask for it first, and look then.
    pub(super) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }
}
