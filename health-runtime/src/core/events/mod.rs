//! Transitions: every change of a check or of a kind, once and in order, for subscribers and for the log.
//!
//! - here: what a subscriber gets.
//! - `ledger`: what was told last, and so what is a change.
//! - `meters`: what is told of everything that is counted; `silent` in its place where no feature counts.
//! - `families`: the metrics that there are.
//! - `tally`: what was counted, for a scrape to read.
//! - `facade`: what is passed on to the `metrics` facade.

#[cfg(any(feature = "prometheus", feature = "metrics"))]
mod meters;
#[cfg(not(any(feature = "prometheus", feature = "metrics")))]
#[path = "silent.rs"]
mod meters;
mod publisher;
pub(crate) mod timeline;

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::core::model::status::{HealthState, Kind, Status};
pub(crate) use meters::Meters;
pub(crate) use publisher::Ledger;

/// How many transitions are kept for a subscriber that does not keep up.
const KEPT: usize = 1024;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transition {
    /// A check changed its status. The first result is a change from [`Status::Unknown`].
    Check {
        /// The name of the check.
        name: String,
        /// Its status before.
        from: Status,
        /// Its status from now on.
        to: Status,
        /// Why it is not up, as every reader may see it.
        reason: Option<String>,
    },
    /// A kind changed its state.
    Kind {
        /// The kind.
        kind: Kind,
        /// Its state before.
        from: HealthState,
        /// Its state from now on.
        to: HealthState,
    },
    /// The subscriber was too slow: this many transitions are gone, and the newest follow.
    Lagged(u64),
}

/// Every transition from the moment of [`Health::subscribe`](crate::Health::subscribe) on, once and in order.
///
/// ```
/// use health_runtime::{Check, Health, Kind, Status, Transition};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), health_runtime::StartError> {
/// let health = Health::builder().check(Check::readiness("queue", || async {})).start()?;
/// let mut transitions = health.subscribe();
/// health.report(Kind::Readiness).await;
/// let Some(Transition::Check { name, from, to, .. }) = transitions.next().await else { unreachable!() };
/// assert_eq!((name.as_str(), from, to), ("queue", Status::Unknown, Status::Up));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Transitions(broadcast::Receiver<Transition>);

impl Transitions {
    /// The next one; `None` once the last `Health` is gone. Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Transition> {
        match self.0.recv().await {
            Ok(transition) => Some(transition),
            Err(RecvError::Lagged(missed)) => Some(Transition::Lagged(missed)),
            Err(RecvError::Closed) => None,
        }
    }
}
