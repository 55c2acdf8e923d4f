//! Transitions: each change of a check or of a kind, published once and in order.
//!
//! - `publisher`: owns the published statuses and publishes what differs from them.
//! - `kind_impacts`: the state of each kind, from the published statuses.
//! - `subscribers`: sends transitions to subscribers, outside of every lock.
//! - `check_history`, `timeline`: the latest transitions and the last hour of each check.
//! - `recorder`: what metrics exporters are notified of.
//! - `contain`, `notifier`, `transition_log`: how code of the application is called, the log in particular.

mod check_history;
pub(crate) mod contain;
mod kind_impacts;
pub(crate) mod notifier;
mod publisher;
pub(crate) mod recorder;
mod subscribers;
#[cfg(any(test, feature = "test-util"))]
pub(crate) mod test_clock;
pub(crate) mod timeline;
mod transition_log;

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::core::model::status::{HealthState, Kind, Status};
pub(crate) use check_history::HistorySnapshot;
#[cfg(feature = "page")]
pub(crate) use check_history::StatusChange;
pub(crate) use publisher::TransitionPublisher;

/// How many transitions are buffered for a slow subscriber.
const CHANNEL_CAPACITY: usize = 1024;

/// A change of a check's status or of a kind's state.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transition {
    /// The status of a check changed. The first result is a change from [`Status::Unknown`].
    Check {
        /// The name of the check.
        name: String,
        /// The previous status.
        from: Status,
        /// The new status.
        to: Status,
        /// Why the check is not up, in a form that is safe to show.
        reason: Option<String>,
    },
    /// The state of a kind changed.
    Kind {
        /// The kind.
        kind: Kind,
        /// The previous state.
        from: HealthState,
        /// The new state.
        to: HealthState,
    },
    /// The subscriber lagged: this many transitions were dropped. The newest 1,024 follow.
    Lagged(u64),
}

/// The transitions since [`Health::subscribe`](crate::Health::subscribe), each once and in order.
///
/// ```
/// use health_runtime::{Check, Health, Kind, Status, Transition};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), health_runtime::StartError> {
/// let health = Health::builder().check(Check::readiness("queue", || async {})).start()?;
/// let mut transitions = health.subscribe();
/// health.report(Kind::Readiness).await;
/// let Some(Transition::Check { name, from, to, .. }) = transitions.next().await else {
///     unreachable!("its first run is its first transition")
/// };
/// assert_eq!((name.as_str(), from, to), ("queue", Status::Unknown, Status::Up));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Transitions(broadcast::Receiver<Transition>);

impl Transitions {
    /// Waits for the next transition. Returns `None` once the last `Health` is dropped. Cancel safe: dropping the future loses no
    /// transition.
    pub async fn next(&mut self) -> Option<Transition> {
        match self.0.recv().await {
            Ok(transition) => Some(transition),
            Err(RecvError::Lagged(dropped)) => Some(Transition::Lagged(dropped)),
            Err(RecvError::Closed) => None,
        }
    }
}
