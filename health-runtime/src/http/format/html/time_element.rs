//! A point in time as an element, for people and for programs.

use std::fmt::Display;
use std::time::Duration;

use tokio::time::Instant;

use super::template::from_fn;
use crate::core::report::Report;
use crate::http::format::timestamp;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Displays the time of day, or the date and the minute if it is at least a day ago.
pub(super) fn time_element(report: &Report, at: Instant) -> impl Display {
    let timestamp = timestamp(report, at);
    let is_recent = report.meta().taken_at.saturating_duration_since(at) < DAY;
    let text = timestamp.get(if is_recent { 11..19 } else { 0..16 }).unwrap_or_default().replace('T', " ");
    from_fn(move |f| write!(f, r#"<time datetime="{timestamp}">{text}</time>"#))
}
