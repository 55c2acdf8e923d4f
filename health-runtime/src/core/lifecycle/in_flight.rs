//! How many requests of the application are under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The count, and whether anybody keeps it.
#[derive(Default)]
pub(crate) struct InFlight {
    is_kept: AtomicBool,
    /// Every ticket is a clone, so that to hold one and to be counted is the same.
    tickets: Arc<()>,
}

/// One request, from the call of its service until its body was sent or dropped.
pub(crate) struct Ticket(Arc<()>);

impl InFlight {
    /// Somebody hands out tickets from now on.
    pub(crate) fn keep(&self) {
        self.is_kept.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.is_kept.load(Ordering::Relaxed)
    }

    pub(crate) fn enter(&self) -> Ticket {
        Ticket(Arc::clone(&self.tickets))
    }

    /// `None` where nobody counts.
    pub(crate) fn count(&self) -> Option<usize> {
        self.is_kept().then(|| Arc::strong_count(&self.tickets) - 1)
    }
}

impl Ticket {
    pub(crate) fn is_of(&self, in_flight: &InFlight) -> bool {
        Arc::ptr_eq(&self.0, &in_flight.tickets)
    }
}
