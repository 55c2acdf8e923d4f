//! Metrics through the [`metrics`](https://docs.rs/metrics) facade, emitted as things happen. There is nothing to call.
#![doc = include_str!("metrics.md")]
//!
//! Install the recorder before [`HealthBuilder::start`](crate::HealthBuilder::start), which describes the metrics and
//! begins the counters at zero. A recorder that comes later gets no descriptions, and gauges from the next run or probe
//! on.
//!
//! Gauges are set when a check is run, read by a probe, or pushed, and those of the kinds also with every answer to a
//! probe. So `health_check_age_seconds` stands still while nothing asks: to notice that, compare
//! `health_check_last_success_timestamp_seconds` with the clock, or use the feature `prometheus`, whose ages are those of
//! the scrape. `health_worker_lag_seconds` is set by a probe, and by each worker just before it notes a turn. The buckets of
//! the histogram are the recorder's to choose.
//!
//! ```
//! use health_runtime::{Check, Health, Kind};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), health_runtime::StartError> {
//! // Here the exporter of your choice is installed; then:
//! let health = Health::builder().check(Check::readiness("queue", || async {})).start()?;
//! // Adds one to health_check_runs_total{check="queue", result="up"}, and sets the gauges.
//! health.report(Kind::Readiness).await;
//! # Ok(())
//! # }
//! ```

pub(crate) mod catalog;
#[cfg(feature = "prometheus")]
pub(crate) mod counters;
#[cfg(feature = "metrics")]
pub(crate) mod facade;
#[cfg(feature = "prometheus")]
pub mod prometheus;
