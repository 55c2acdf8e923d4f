//! An icon for each status and state. They differ in shape, not only in colour.

use std::fmt::Display;

use super::template::from_fn;
use crate::core::model::status::HealthState;

/// The symbols that [`icon`] refers to.
pub(super) const SYMBOLS: &str = include_str!("icons.svg");

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

/// Returns the icon of the browser tab as a data URL.
pub(super) fn favicon(state: HealthState) -> &'static str {
    match state {
        HealthState::Healthy => {
            "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7.5' fill='%231a7f37'/%3E%3C/svg%3E"
        }
        HealthState::Degraded => {
            "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M8 1l7.5 14H.5z' fill='%23d4a72c'/%3E%3C/svg%3E"
        }
        HealthState::Unhealthy => {
            "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect x='1' y='1' width='14' height='14' rx='3' fill='%23cf222e'/%3E%3C/svg%3E"
        }
    }
}
