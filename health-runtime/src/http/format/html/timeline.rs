//! The last hour of a check as a strip: a bar a minute, and the taller the worse, so that nobody needs to see colours.

use std::fmt::{self, Display, Formatter, Write};

use crate::core::events::timeline::{MINUTES, MinuteSummary};
use crate::core::model::status::Status;

/// The bars, by how they are drawn: the class, and the middle of a bar. How thick it is drawn stands in the style.
const BARS: [(Status, &str); 4] = [(Status::Up, "8"), (Status::Degraded, "6.5"), (Status::Unknown, "6.5"), (Status::Down, "5")];

/// Below the bars: the minutes in which the status changed.
const MARKS: &str = "11.25";

/// A few minutes of one sort.
macro_rules! legend {
    ($class:literal, $middle:literal) => {
        concat!(
            r#"<svg class="hour" viewBox="0 0 6 12" preserveAspectRatio="none" aria-hidden="true"><path class=""#,
            $class,
            r#"" d="M0 "#,
            $middle,
            r#"h6"/></svg>"#
        )
    };
}

pub(super) struct Hour<'m>(pub(super) &'m [MinuteSummary]);

/// What a bar of each sort looks like, and what it means.
pub(super) const LEGEND: [(&str, &str); 6] = [
    (legend!("up", "8"), "up"),
    (legend!("degraded", "6.5"), "degraded"),
    (legend!("unknown", "6.5"), "unknown"),
    (legend!("down", "5"), "down"),
    (legend!("none", "9.5"), "no run"),
    (legend!("turn", "11.25"), "its status changed"),
];

impl Hour<'_> {
    fn count(&self, counts: impl Fn(MinuteSummary) -> bool) -> usize {
        self.0.iter().filter(|minute| counts(**minute)).count()
    }

    /// One path for all minutes of a sort. Neighbours are one line, which the style dashes into bars.
    fn path(&self, f: &mut Formatter<'_>, class: &str, middle: &str, is_drawn: impl Fn(MinuteSummary) -> bool) -> fmt::Result {
        let mut path = String::new();
        let mut at = 0;
        for run in self.0.chunk_by(|one, next| is_drawn(*one) == is_drawn(*next)) {
            if run.first().is_some_and(|minute| is_drawn(*minute)) {
                write!(path, "M{at} {middle}h{}", run.len())?;
            }
            at += run.len();
        }
        if path.is_empty() { Ok(()) } else { write!(f, r#"<path class="{class}" d="{path}"/>"#) }
    }

    /// The same in words.
    fn words(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Last hour, by the worst of each minute: ")?;
        let mut separator = "";
        for (status, _) in BARS {
            let count = self.count(|minute| minute.worst() == Some(status));
            if count > 0 {
                write!(f, "{separator}{status} in {count}")?;
                separator = ", ";
            }
        }
        let idle = self.count(|minute| minute.worst().is_none());
        if idle > 0 {
            write!(f, "{separator}no run in {idle}")?;
        }
        let changes = self.count(MinuteSummary::has_change);
        if changes > 0 {
            write!(f, "; its status changed in {changes}")?;
        }
        Ok(())
    }
}

impl Display for Hour<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, r#"<svg class="hour" viewBox="0 0 {MINUTES} 12" preserveAspectRatio="none" role="img" aria-label=""#)?;
        self.words(f)?;
        f.write_str(r#"">"#)?;
        self.path(f, "none", "9.5", |minute| minute.worst().is_none())?;
        for (status, middle) in BARS {
            self.path(f, status.as_str(), middle, |minute| minute.worst() == Some(status))?;
        }
        self.path(f, "turn", MARKS, MinuteSummary::has_change)?;
        f.write_str("</svg>")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::*;
    use crate::core::events::timeline::Timeline;

    #[tokio::test(start_paused = true)]
    async fn each_sort_of_minute_is_one_path() {
        let history = Timeline::new(1);
        let began = Instant::now();
        let minute = |number: u64| began + Duration::from_secs(60 * number);
        history.record_change(0, Status::Up, minute(10));
        for (number, status) in [(11, Status::Up), (12, Status::Down), (13, Status::Down), (30, Status::Degraded)] {
            history.record_status(0, status, minute(number));
        }
        history.record_change(0, Status::Unknown, minute(59));
        let expected = concat!(
            r#"<svg class="hour" viewBox="0 0 60 12" preserveAspectRatio="none" role="img" "#,
            r#"aria-label="Last hour, by the worst of each minute: up in 2, degraded in 1, unknown in 1, down in 2, "#,
            r#"no run in 54; its status changed in 2">"#,
            r#"<path class="none" d="M0 9.5h10M14 9.5h16M31 9.5h28"/><path class="up" d="M10 8h2"/>"#,
            r#"<path class="degraded" d="M30 6.5h1"/><path class="unknown" d="M59 6.5h1"/>"#,
            r#"<path class="down" d="M12 5h2"/><path class="turn" d="M10 11.25h1M59 11.25h1"/></svg>"#,
        );
        assert_eq!(Hour(&history.minutes(0, minute(59))).to_string(), expected);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_yet_is_said_too() {
        let drawn = Hour(&Timeline::new(1).minutes(0, Instant::now())).to_string();
        assert!(drawn.contains(r#"each minute: no run in 60"><path class="none" d="M0 9.5h60"/></svg>"#), "{drawn}");
    }
}
