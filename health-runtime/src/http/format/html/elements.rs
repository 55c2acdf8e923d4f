//! The elements for a status and for a point in time.

use std::fmt::Display;
use std::time::Duration;

use super::template::{from_fn, write_template};
use crate::core::model::status::HealthState;
use crate::core::report::Report;
use crate::http::format::timestamp;

/// Displays the symbols that [`icon`] refers to. They differ in shape, not only in colour.
pub(super) fn icon_symbols() -> impl Display {
    from_fn(|f| write_template!(f, "icons.svg"))
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Displays the icon with the name of a status.
pub(super) fn icon(status: &'static str) -> impl Display {
    from_fn(move |f| write!(f, r##"<svg class="icon" aria-hidden="true"><use href="#icon-{status}"/></svg>"##))
}

pub(super) fn state_icon(state: HealthState) -> impl Display {
    icon(match state {
        HealthState::Healthy => "up",
        HealthState::Degraded => "degraded",
        HealthState::Unhealthy => "down",
    })
}

/// Returns the shape in the icon of the browser tab, encoded for its data URL.
pub(super) fn favicon(state: HealthState) -> &'static str {
    match state {
        HealthState::Healthy => "circle cx='8' cy='8' r='7.5' fill='%231a7f37'",
        HealthState::Degraded => "path d='M8 1l7.5 14H.5z' fill='%23d4a72c'",
        HealthState::Unhealthy => "rect x='1' y='1' width='14' height='14' rx='3' fill='%23cf222e'",
    }
}

/// Displays the time of day, or the date and the minute if it is at least a day ago.
pub(super) fn time_element(report: &Report, ago: Duration) -> impl Display {
    from_fn(move |f| {
        let timestamp = timestamp(report, ago);
        let part = |range| timestamp.get(range).unwrap_or_default();
        if ago < DAY {
            write!(f, r#"<time datetime="{timestamp}">{}</time>"#, part(11..19))
        } else {
            write!(f, r#"<time datetime="{timestamp}">{} {}</time>"#, part(0..10), part(11..16))
        }
    })
}
