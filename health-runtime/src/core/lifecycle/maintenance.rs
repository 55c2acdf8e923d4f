//! Maintenance: not ready for as long as one of its guards exists.

use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Lifecycle, MAINTENANCE};
use crate::text::truncate::{truncate, truncate_and_mask};

/// The maximum length of the reason in bytes.
const MAX_REASON_BYTES: usize = 256;

/// Keeps the service in maintenance until it is dropped. Returned by [`Health::maintenance`](crate::Health::maintenance).
#[must_use = "dropping the guard ends the maintenance; keep it until the work is done"]
pub struct Maintenance {
    lifecycle: Arc<Lifecycle>,
    id: u64,
}

/// The reasons of the guards that exist, oldest first. The bit of the phase is set while there is one; it changes under this lock.
#[derive(Default)]
pub(super) struct MaintenanceReasons(Mutex<Reasons>);

#[derive(Default)]
struct Reasons {
    last_id: u64,
    active: Vec<(u64, Arc<str>)>,
}

impl MaintenanceReasons {
    fn lock(&self) -> MutexGuard<'_, Reasons> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lifecycle {
    /// Starts a maintenance, which ends with the guard.
    pub(crate) fn start_maintenance(self: &Arc<Self>, reason: &str) -> Maintenance {
        let mut text = format!("maintenance: {}", truncate_and_mask(reason));
        if text.len() > MAX_REASON_BYTES {
            text = truncate(&text, MAX_REASON_BYTES - '…'.len_utf8()).into_owned();
        }
        let mut reasons = self.maintenance.lock();
        reasons.last_id += 1;
        let id = reasons.last_id;
        reasons.active.push((id, text.into()));
        self.phase_bits.fetch_or(MAINTENANCE, Ordering::AcqRel);
        drop(reasons);
        self.publish_phase();
        Maintenance { lifecycle: Arc::clone(self), id }
    }

    /// Returns the reason of the oldest guard, such as `maintenance: reindex`.
    pub(crate) fn maintenance_reason(&self) -> Option<Arc<str>> {
        if !self.phase().maintenance {
            return None;
        }
        self.maintenance.lock().active.first().map(|(_, reason)| Arc::clone(reason))
    }

    fn end_maintenance(&self, id: u64) {
        let mut reasons = self.maintenance.lock();
        reasons.active.retain(|(other, _)| *other != id);
        if reasons.active.is_empty() {
            self.phase_bits.fetch_and(!MAINTENANCE, Ordering::AcqRel);
        }
        drop(reasons);
        self.publish_phase();
    }
}

impl Drop for Maintenance {
    fn drop(&mut self) {
        self.lifecycle.end_maintenance(self.id);
    }
}

impl fmt::Debug for Maintenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Maintenance").field("id", &self.id).finish_non_exhaustive()
    }
}
