//! Checks that `cfg` takes out, on either side of the attribute.

use health_runtime::health_check;

/// Taken out before the attribute runs.
#[cfg(any())]
#[health_check(readiness)]
async fn cut_out_above() {}

/// Taken out after it ran.
#[health_check(readiness)]
#[cfg(any())]
async fn cut_out_below() {}

/// Neither of them, so that the import is needed.
#[health_check(readiness)]
#[cfg(all())]
async fn left_in_below() {}
