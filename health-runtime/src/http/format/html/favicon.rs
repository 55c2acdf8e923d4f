//! A shape for each status and state, beside the word for it. None differs from another by its colour alone.

use std::fmt::{self, Display, Formatter};

use crate::core::model::status::HealthState;

/// The shapes, which [`Icon`] refers to.
pub(super) const SHAPES: &str = concat!(
    r#"<svg class="shapes" aria-hidden="true">"#,
    r#"<symbol id="icon-up" viewBox="0 0 16 16"><circle class="shape" cx="8" cy="8" r="7.5"/><path class="sign" d="M4.7 8.4 7 10.7 11.4 5.8"/></symbol>"#,
    r#"<symbol id="icon-degraded" viewBox="0 0 16 16"><polygon class="shape" points="8 .8 15.7 14.8 .3 14.8"/><path class="sign" d="M8 5.6v4.2M8 12v.6"/></symbol>"#,
    r#"<symbol id="icon-unknown" viewBox="0 0 16 16"><polygon class="shape" points="8 .2 15.8 8 8 15.8 .2 8"/><path class="sign" d="M6.2 6.5a1.8 1.8 0 1 1 2.6 1.6q-.8.4-.8 1.2M8 11.2v.6"/></symbol>"#,
    r#"<symbol id="icon-down" viewBox="0 0 16 16"><rect class="shape" x=".8" y=".8" width="14.4" height="14.4" rx="3"/><path class="sign" d="m5 5 6 6m0-6-6 6"/></symbol>"#,
    "</svg>",
);

/// By the name of a status.
pub(super) struct Icon(pub(super) &'static str);

impl Icon {
    pub(super) fn of(state: HealthState) -> Self {
        Self(match state {
            HealthState::Healthy => "up",
            HealthState::Degraded => "degraded",
            HealthState::Unhealthy => "down",
        })
    }
}

impl Display for Icon {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, r##"<svg class="icon" aria-hidden="true"><use href="#icon-{}"/></svg>"##, self.0)
    }
}

/// For the tab of the browser, as a data URL.
pub(super) fn of_tab(state: HealthState) -> &'static str {
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
