//! Where the status of a check comes from.

use std::sync::Arc;

use super::descriptor::CheckFn;
use super::heartbeat_watch::HeartbeatWatch;
use super::resolver::ArgumentResolver;
use super::run::Run;
use super::runtime_watch::RuntimeWatch;
use super::state::StateValues;
use super::worker_watch::WorkerWatch;
use crate::core::model::policy::Policy;

/// Where the status of a check comes from.
pub(crate) enum StatusSource {
    /// Runs of an annotated function.
    Linked(LinkedRun),
    /// Runs of a check created at run time.
    Custom(Arc<dyn Run>),
    /// Reports of the application.
    Reported,
    /// The heartbeats of the server workers, evaluated when the check is read.
    Workers(Arc<WorkerWatch>),
    /// The heartbeat of the runtime of the checks, evaluated when the check is read.
    Runtime(Arc<RuntimeWatch>),
    /// The heartbeats of tasks of the application, evaluated when the check is read.
    Heartbeat(Arc<HeartbeatWatch>),
}

/// What a run of an annotated function needs.
#[derive(Clone)]
pub(crate) struct LinkedRun {
    pub(crate) run: CheckFn,
    /// The state that its arguments borrow.
    pub(crate) values: Arc<StateValues>,
    /// The name of the value that its argument with `#[each]` takes.
    pub(crate) instance: Option<Arc<str>>,
}

impl LinkedRun {
    pub(crate) fn resolver(&self) -> ArgumentResolver<'_> {
        ArgumentResolver::run(&self.values, self.instance.as_deref())
    }
}

impl StatusSource {
    /// Whether the check has runs.
    pub(crate) fn is_executable(&self) -> bool {
        matches!(self, Self::Linked(..) | Self::Custom(_))
    }

    /// Returns the options of this policy that have no effect, because the check has no runs.
    pub(crate) fn unused_options(&self, policy: &Policy) -> Vec<&'static str> {
        if self.is_executable() {
            return Vec::new();
        }
        let default = Policy::default();
        let changed = [
            ("timeout", policy.timeout != default.timeout),
            ("cache", policy.cache != default.cache),
            ("interval", policy.interval.is_some() && !matches!(self, Self::Reported)),
            ("failure_threshold", policy.failure_threshold != default.failure_threshold),
            ("success_threshold", policy.success_threshold != default.success_threshold),
            ("grace", policy.grace.is_some()),
            ("slow", policy.slow.is_some()),
            ("shared", policy.shared),
        ];
        changed.into_iter().filter(|(_, is_changed)| *is_changed).map(|(option, _)| option).collect()
    }

    pub(crate) fn is_linked(&self) -> bool {
        matches!(self, Self::Linked(..))
    }
}
