//! The log line of each transition.

use std::sync::Arc;

use super::check_history::ErrorId;
use super::notifier;
use crate::core::model::status::{HealthState, Kind, Status};
use crate::core::model::verdict::Reason;

/// A transition of a check, for the log.
pub(super) struct CheckTransition {
    pub(super) name: Arc<str>,
    pub(super) from: Status,
    pub(super) to: Status,
    pub(super) reason: Option<Reason>,
    pub(super) error_id: Option<ErrorId>,
    /// It follows from the transition of another check: the check is skipped, or no longer.
    pub(super) is_consequence: bool,
}

impl CheckTransition {
    pub(super) fn log(self) {
        let Self { name, from, to, reason, error_id, is_consequence } = self;
        notifier::enqueue_log(move || match (&reason, &error_id) {
            (reason, _) if is_consequence => {
                let reason = reason.as_ref().map(Reason::full);
                tracing::debug!(check = %name, %from, %to, reason, "health check `{name}` changed from {from} to {to}");
            }
            (Some(reason), Some(error_id)) => {
                let error = reason.full();
                tracing::warn!(check = %name, %from, %to, %error_id, error, "health check `{name}` changed from {from} to {to}");
            }
            (Some(_) | None, _) => {
                tracing::info!(check = %name, %from, %to, "health check `{name}` changed from {from} to {to}");
            }
        });
    }
}

/// Logs a transition of a kind.
pub(super) fn log_kind(kind: Kind, from: HealthState, to: HealthState) {
    notifier::enqueue_log(move || {
        if to > from {
            tracing::warn!(%kind, %from, %to, "{kind} changed from {from} to {to}");
        } else {
            tracing::info!(%kind, %from, %to, "{kind} changed from {from} to {to}");
        }
    });
}
