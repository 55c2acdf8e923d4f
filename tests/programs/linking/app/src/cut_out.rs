//! Checks that `cfg` removes, on either side of the attribute.

use health_runtime::health_check;

/// Removed before the attribute runs.
#[cfg(any())]
#[health_check(readiness)]
async fn cut_out_above() {}

/// Removed after the attribute ran.
#[health_check(readiness)]
#[cfg(any())]
async fn cut_out_below() {}

/// Not removed, so that the import is needed.
#[health_check(readiness)]
#[cfg(all())]
async fn left_in_below() {}
