//! Metrics: through prometheus-client with the feature `prometheus`, through the [`metrics`](https://docs.rs/metrics) facade with
//! the feature `metrics`, and the gauges through the API of OpenTelemetry with the feature `opentelemetry`.
#![doc = include_str!("metrics.md")]
#![doc = include_str!("facade.md")]
#![cfg_attr(feature = "opentelemetry", doc = include_str!("opentelemetry.md"))]

#[cfg_attr(not(any(feature = "metrics", feature = "prometheus")), expect(dead_code, reason = "a meter has no counters"))]
pub(crate) mod catalog;
#[cfg(feature = "prometheus")]
pub(crate) mod counters;
#[cfg(feature = "metrics")]
mod facade;
#[cfg(any(feature = "opentelemetry", feature = "prometheus"))]
mod kind_states;
#[cfg(feature = "opentelemetry")]
mod opentelemetry;
#[cfg(feature = "prometheus")]
pub(crate) mod prometheus;

#[cfg(any(feature = "metrics", feature = "prometheus"))]
use std::sync::Arc;

#[cfg(any(feature = "metrics", feature = "prometheus"))]
use crate::core::events::recorder::{Recorder, Recorders};
#[cfg(any(feature = "metrics", feature = "prometheus"))]
use crate::core::registry::RegisteredCheck;

/// Creates the recorders of the enabled features.
#[cfg(any(feature = "metrics", feature = "prometheus"))]
pub(crate) fn recorders(checks: &[Arc<RegisteredCheck>]) -> Recorders {
    let recorders: Vec<Box<dyn Recorder>> = vec![
        #[cfg(feature = "prometheus")]
        Box::new(counters::Counters::new(checks.len())),
        #[cfg(feature = "metrics")]
        Box::new(facade::MetricsFacade::new(checks)),
    ];
    Recorders::new(recorders)
}
