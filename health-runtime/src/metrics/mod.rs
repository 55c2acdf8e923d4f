//! Metrics: through prometheus-client with the feature `prometheus`, and through the
//! [`metrics`](https://docs.rs/metrics) facade with the feature `metrics`.
#![doc = include_str!("metrics.md")]
//!
//! # The feature `prometheus`
//!
//! See [`prometheus`](crate::prometheus).
//!
//! # The feature `metrics`
//!
//! Metrics are emitted when something happens; there is nothing to call. Install the recorder before
//! [`HealthBuilder::start`](crate::HealthBuilder::start), which describes the metrics and initialises the counters with zero. A
//! recorder that is installed later gets no descriptions, and gauges only with the next run or probe.
//!
//! Gauges are set when a check runs, when a probe reads it and when a status is pushed; the gauges of the kinds also with every
//! response to a probe. `health_check_age_seconds` therefore does not change without probes. To detect that, compare
//! `health_check_last_success_timestamp_seconds` with the clock, or use the feature `prometheus`, whose ages are computed by the
//! scrape. `health_worker_lag_seconds` is set by a probe, and by each worker immediately before its heartbeat. The recorder chooses
//! the buckets of the histogram.
//!
//! ```
//! use health_runtime::{Check, Health, Kind};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), health_runtime::StartError> {
//! // Install an exporter here, then:
//! let health = Health::builder().check(Check::readiness("queue", || async {})).start()?;
//! // Increments health_check_runs_total{check="queue", result="up"}, and sets the gauges.
//! health.report(Kind::Readiness).await;
//! # Ok(())
//! # }
//! ```

pub(crate) mod catalog;
#[cfg(feature = "prometheus")]
pub(crate) mod counters;
#[cfg(feature = "metrics")]
mod facade;
#[cfg(feature = "prometheus")]
pub(crate) mod prometheus;

use crate::core::events::recorder::{Recorder, Recorders};
use crate::core::registry::RegisteredCheck;

/// Creates the recorders of the enabled features.
pub(crate) fn recorders(checks: &[RegisteredCheck]) -> Recorders {
    let recorders: Vec<Box<dyn Recorder>> = vec![
        #[cfg(feature = "prometheus")]
        Box::new(counters::Counters::new(checks.len())),
        #[cfg(feature = "metrics")]
        Box::new(facade::MetricsFacade::new(checks)),
    ];
    Recorders::new(recorders)
}
