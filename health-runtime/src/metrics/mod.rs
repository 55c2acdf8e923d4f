//! Metrics: through prometheus-client with the feature `prometheus`, and through the
//! [`metrics`](https://docs.rs/metrics) facade with the feature `metrics`.
#![doc = include_str!("metrics.md")]
#![doc = include_str!("facade.md")]

pub(crate) mod catalog;
#[cfg(feature = "prometheus")]
pub(crate) mod counters;
#[cfg(feature = "metrics")]
mod facade;
#[cfg(feature = "prometheus")]
pub(crate) mod prometheus;

use std::sync::Arc;

use crate::core::events::recorder::{Recorder, Recorders};
use crate::core::registry::RegisteredCheck;

/// Creates the recorders of the enabled features.
pub(crate) fn recorders(checks: &[Arc<RegisteredCheck>]) -> Recorders {
    let recorders: Vec<Box<dyn Recorder>> = vec![
        #[cfg(feature = "prometheus")]
        Box::new(counters::Counters::new(checks.len())),
        #[cfg(feature = "metrics")]
        Box::new(facade::MetricsFacade::new(checks)),
    ];
    Recorders::new(recorders)
}
