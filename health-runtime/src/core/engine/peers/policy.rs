//! How a check asks its peers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::network::PeerNetwork;
use crate::core::engine::jitter::unit_interval;
use crate::core::model::verdict::FailureCap;

/// The maximum time of one lookup.
pub(super) const LOOKUP_TIMEOUT: Duration = Duration::from_secs(2);

/// The maximum time of one question, connection included.
pub(crate) const QUESTION_TIMEOUT: Duration = Duration::from_secs(1);

/// What the application configured about its peers.
pub(crate) struct PeerPolicy {
    pub(crate) network: Arc<dyn PeerNetwork>,
    /// The part of the largest known number of instances that must stay in rotation.
    pub(crate) keep: f64,
    pub(crate) leave_within: Duration,
    pub(crate) readmit_within: Duration,
}

impl fmt::Debug for PeerPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeerPolicy").field("keep", &self.keep).finish_non_exhaustive()
    }
}

impl PeerPolicy {
    /// Returns a random part of a duration.
    pub(super) fn random_part(&self, duration: Duration) -> Duration {
        duration.mul_f64(unit_interval(self.network.random()))
    }

    /// Returns the duration ± 10 %, so that instances do not ask in step.
    pub(super) fn jittered(&self, duration: Duration) -> Duration {
        duration.mul_f64(0.9) + self.random_part(duration / 5)
    }

    /// Returns the cap of a check that asks these peers.
    pub(super) fn failure_cap(&self) -> FailureCap {
        FailureCap::new(self.leave_within + 2 * (LOOKUP_TIMEOUT + QUESTION_TIMEOUT))
    }
}
