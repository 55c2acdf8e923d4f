//! The last hour of a check as a strip with one bar for each minute: the worse the status, the taller the bar, so that
//! colours are not needed to read it.

use std::fmt::{self, Display, Formatter, Write};

use super::template::{from_fn, write_template};
use crate::core::events::timeline::{LastHour, MINUTES};
use crate::core::model::status::Status;

/// The minutes that are drawn alike.
pub(super) struct Series {
    /// The CSS class, which defines the height of the bars.
    class: &'static str,
    /// The y coordinate of the middle of the bars.
    y: &'static str,
    label: &'static str,
    minutes: fn(&LastHour) -> u64,
}

const STATUSES: [Series; 4] = [
    Series { class: "up", y: "8", label: "up", minutes: |hour| hour.minutes_with(Status::Up) },
    Series { class: "degraded", y: "6.5", label: "degraded", minutes: |hour| hour.minutes_with(Status::Degraded) },
    Series { class: "unknown", y: "6.5", label: "unknown", minutes: |hour| hour.minutes_with(Status::Unknown) },
    Series { class: "down", y: "5", label: "down", minutes: |hour| hour.minutes_with(Status::Down) },
];

const NO_RUN: Series = Series { class: "none", y: "9.5", label: "no run", minutes: LastHour::minutes_without_result };

/// Drawn below the bars.
const CHANGES: Series = Series { class: "change", y: "11.25", label: "status changed", minutes: LastHour::minutes_with_change };

pub(super) struct TimelineStrip<'h>(pub(super) &'h LastHour);

/// Writes an example of each bar with its meaning.
pub(super) fn legend(f: &mut Formatter<'_>) -> fmt::Result {
    STATUSES.iter().chain([&NO_RUN, &CHANGES]).try_for_each(|Series { class, y, label, .. }| {
        f.write_str(" ")?;
        write_template!(f, "legend.html", class = class, y = y, label = label)
    })
}

/// Written without `write!`, which costs more: a page has several paths and counts for each check.
impl TimelineStrip<'_> {
    /// Writes one path for all minutes of a series. Adjacent minutes are one line, which the style dashes into bars.
    fn path(&self, f: &mut Formatter<'_>, Series { class, y, minutes, .. }: &Series) -> fmt::Result {
        let mut rest = minutes(self.0);
        if rest == 0 {
            return Ok(());
        }
        f.write_str(r#"<path class=""#)?;
        f.write_str(class)?;
        f.write_str(r#"" d=""#)?;
        while rest != 0 {
            let x = rest.trailing_zeros();
            let length = (rest >> x).trailing_ones();
            f.write_char('M')?;
            x.fmt(f)?;
            f.write_char(' ')?;
            f.write_str(y)?;
            f.write_char('h')?;
            length.fmt(f)?;
            let end = x + length;
            rest = rest >> end << end;
        }
        f.write_str(r#""/>"#)
    }

    fn text_alternative(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Last hour, worst status of each minute: ")?;
        let mut separator = "";
        for Series { label, minutes, .. } in STATUSES.iter().chain([&NO_RUN, &CHANGES]) {
            let count = minutes(self.0).count_ones();
            if count > 0 {
                separator = if *label == CHANGES.label { "; " } else { separator };
                f.write_str(separator)?;
                f.write_str(label)?;
                f.write_str(" in ")?;
                count.fmt(f)?;
                separator = ", ";
            }
        }
        Ok(())
    }
}

impl Display for TimelineStrip<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let series = || [&NO_RUN].into_iter().chain(&STATUSES).chain([&CHANGES]);
        write_template!(
            f,
            "timeline.svg",
            minutes = MINUTES,
            text_alternative = from_fn(|f| self.text_alternative(f)),
            paths = from_fn(|f| series().try_for_each(|series| self.path(f, series))),
        )
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::*;
    use crate::core::events::timeline::Timeline;

    #[tokio::test(start_paused = true)]
    async fn each_series_is_one_path() {
        let history = Timeline::new(1);
        let start = Instant::now();
        let minute = |number: u64| start + Duration::from_secs(60 * number);
        history.record_change(0, Status::Up, minute(10));
        for (number, status) in [(11, Status::Up), (12, Status::Down), (13, Status::Down), (30, Status::Degraded)] {
            history.record_status(0, status, minute(number));
        }
        history.record_change(0, Status::Unknown, minute(59));
        let expected = concat!(
            r#"<svg class="hour" viewBox="0 0 60 12" preserveAspectRatio="none" role="img" "#,
            r#"aria-label="Last hour, worst status of each minute: up in 2, degraded in 1, unknown in 1, down in 2, "#,
            r#"no run in 54; status changed in 2">"#,
            r#"<path class="none" d="M0 9.5h10M14 9.5h16M31 9.5h28"/><path class="up" d="M10 8h2"/>"#,
            r#"<path class="degraded" d="M30 6.5h1"/><path class="unknown" d="M59 6.5h1"/>"#,
            r#"<path class="down" d="M12 5h2"/><path class="change" d="M10 11.25h1M59 11.25h1"/></svg>"#,
        );
        assert_eq!(TimelineStrip(&history.hour(0, minute(59))).to_string(), expected);
    }

    #[test]
    fn an_hour_without_runs_is_one_path() {
        let strip = TimelineStrip(&LastHour::EMPTY).to_string();
        assert!(strip.contains(r#"each minute: no run in 60"><path class="none" d="M0 9.5h60"/></svg>"#), "{strip}");
    }
}
