//! Moments on the wire: RFC 3339, in UTC, to the millisecond.

use jiff::{SignedDuration, Timestamp, Unit};
use tokio::time::Instant;

use crate::report::Report;

/// A moment of tokio's clock, as the wall clock of now says it. Nothing on the way to a verdict asks the wall clock, so
/// one that jumps changes what is written here and nothing else.
pub(super) fn rfc3339(report: &Report, moment: Instant) -> String {
    let ago = SignedDuration::try_from(report.now().saturating_duration_since(moment)).unwrap_or(SignedDuration::ZERO);
    let now = Timestamp::now();
    let then = now.checked_sub(ago).unwrap_or(now);
    format!("{:.3}", then.round(Unit::Millisecond).unwrap_or(then))
}
