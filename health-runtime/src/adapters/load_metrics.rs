//! The header `endpoint-load-metrics` of the Open Request Cost Aggregation (ORCA), which the client-side weighted round robin of
//! Envoy reads.

use std::fmt::Write;

use tokio::time::Instant;

use crate::core::health_inner::HealthInner;
use crate::core::lifecycle::InFlightRequests;

pub(in crate::adapters) const NAME: &str = "endpoint-load-metrics";

/// Returns the value for the response to a counted request, and counts it for the rate.
pub(in crate::adapters) fn value(requests: &InFlightRequests, health: Option<&HealthInner>) -> String {
    let now = Instant::now();
    let mut value = format!("TEXT named_metrics.in_flight={}", requests.count().unwrap_or_default());
    let rate = requests.rate().count(now);
    // Writing to a `String` cannot fail.
    if rate > 0.0 {
        let _ = write!(value, ",rps_fractional={rate}");
    }
    if let Some(lag) = health.and_then(|health| health.engine.worker_watch()?.lag(now)) {
        let _ = write!(value, ",named_metrics.worker_lag_seconds={}", lag.as_secs_f64());
    }
    value
}
