//! A report, as bytes: one file for each format. Each is a pure function of what a reader may see.

mod health_json;
pub(crate) mod html;
mod json;
#[cfg(feature = "prometheus")]
pub(crate) mod prometheus;
mod text;
mod time;

use crate::view::View;

/// The formats of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Format {
    /// The project's own, `application/json`. The default.
    #[default]
    Json,
    /// `application/health+json`, as [draft-inadarei-api-health-check-06] has it: pass, warn, fail.
    ///
    /// [draft-inadarei-api-health-check-06]: https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check-06
    HealthJson,
    /// `text/plain`: the state in one word, and with `?verbose` the lines of a Kubernetes API server.
    Text,
    /// `text/html`: a page for people, with the last hour of each check. It refreshes itself, loads nothing from
    /// elsewhere, and always says what `?verbose` says.
    Html,
}

impl Format {
    pub(crate) const ALL: [Self; 4] = [Self::Json, Self::HealthJson, Self::Text, Self::Html];

    /// Its name in `?format=`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::HealthJson => "health+json",
            Self::Text => "text",
            Self::Html => "html",
        }
    }

    /// What a client asks for in `Accept`: type and subtype.
    pub(crate) fn media_type(self) -> (&'static str, &'static str) {
        match self {
            Self::Json => ("application", "json"),
            Self::HealthJson => ("application", "health+json"),
            Self::Text => ("text", "plain"),
            Self::Html => ("text", "html"),
        }
    }

    /// What the answer says of its body.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::HealthJson => "application/health+json",
            Self::Text => "text/plain; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
        }
    }

    pub(crate) fn render(self, view: View<'_>) -> Vec<u8> {
        match self {
            Self::Json => view.render(json::body),
            Self::HealthJson => view.render(health_json::body),
            Self::Text => view.render(text::body),
            // Its style alone is longer than the others may be.
            Self::Html => html::body(&view),
        }
    }
}
