//! A point in time as an element, for people and for programs.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use tokio::time::Instant;

use crate::core::model::report::Report;
use crate::http::format::system_time;
use crate::text::timestamp::{date_and_time, rfc3339, time_of_day};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Shows the time of day; the date too if it is at least a day ago.
pub(super) struct TimeElement<'r> {
    pub(super) report: &'r Report,
    pub(super) at: Instant,
}

impl Display for TimeElement<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let time = system_time(self.report, self.at);
        let is_recent = self.report.now().saturating_duration_since(self.at) < DAY;
        let text = if is_recent { time_of_day(time) } else { date_and_time(time) };
        write!(f, r#"<time datetime="{}">{text}</time>"#, rfc3339(time))
    }
}
