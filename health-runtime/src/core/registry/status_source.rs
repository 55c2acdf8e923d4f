//! Where the status of a check comes from.

use std::sync::Arc;

use super::descriptor::CheckFn;
use super::run::Run;
use super::state::StateValues;
use super::worker_watch::WorkerWatch;

/// Where the status of a check comes from.
pub(crate) enum StatusSource {
    /// Runs of an annotated function, with the state that its arguments borrow.
    Linked(CheckFn, Arc<StateValues>),
    /// Runs of a check created at run time.
    Custom(Arc<dyn Run>),
    /// Reports of the application.
    Reported,
    /// The heartbeats of the server workers, evaluated when the check is read.
    Workers(Arc<WorkerWatch>),
}

impl StatusSource {
    /// Whether the check has runs.
    pub(crate) fn is_executable(&self) -> bool {
        matches!(self, Self::Linked(..) | Self::Custom(_))
    }

    pub(crate) fn is_linked(&self) -> bool {
        matches!(self, Self::Linked(..))
    }
}
