//! Moments on the wire, in UTC: RFC 3339 to the millisecond, and what of it a reader needs.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, Unit};
use tokio::time::Instant;

use crate::core::report::Report;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A moment of tokio's clock, as the wall clock of now says it. Nothing on the way to a verdict asks the wall clock, so
/// one that jumps changes what is written here and nothing else.
pub(super) fn rfc3339(report: &Report, moment: Instant) -> String {
    let then = timestamp(report, moment);
    format!("{:.3}", then.round(Unit::Millisecond).unwrap_or(then))
}

/// The time of day, and the date of what is a day ago or more.
pub(super) fn clock(report: &Report, moment: Instant) -> String {
    let is_long_ago = report.meta().taken_at.saturating_duration_since(moment) >= DAY;
    let format = if is_long_ago { "%Y-%m-%d %H:%M" } else { "%H:%M:%S" };
    timestamp(report, moment).strftime(format).to_string()
}

fn timestamp(report: &Report, moment: Instant) -> Timestamp {
    let ago = SignedDuration::try_from(report.meta().taken_at.saturating_duration_since(moment)).unwrap_or(SignedDuration::ZERO);
    let now = Timestamp::try_from(report.generated_at()).unwrap_or(Timestamp::UNIX_EPOCH);
    now.checked_sub(ago).unwrap_or(now)
}
