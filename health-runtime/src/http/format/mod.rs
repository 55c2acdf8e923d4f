//! A report, as bytes: one file for each format. Each is a pure function of what a reader may see.

mod extra_fields;
mod health_json;
pub(crate) mod html;
mod json;
mod microprofile;
mod spring;
mod text;
mod time;

use crate::core::report::view::ReportView;

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
    /// The shape of [MicroProfile Health 4](https://microprofile.io/specifications/health/), as `application/json`, so that
    /// its tools read it: `UP` or `DOWN`, and a list of checks. Only `?format=microprofile` and
    /// [`HealthService::format`](crate::HealthService::format) choose it, never `Accept`.
    ///
    /// Degraded is `UP`, and a check is `DOWN` only where it makes the whole so; `data` then has the `status` of the check in
    /// this project's words, its latency, `error` and details, which as objects and lists are JSON in a string. While it
    /// starts or drains a check of that shape, `service lifecycle`, is `DOWN`.
    MicroProfile,
    /// The shape of [Spring Boot's Actuator](https://docs.spring.io/spring-boot/api/rest/actuator/health.html), as
    /// `application/json`, so that its consoles read it: `UP`, `DOWN`, `OUT_OF_SERVICE` or `UNKNOWN`, and `components`. Only
    /// `?format=spring` and [`HealthService::format`](crate::HealthService::format) choose it, never `Accept`.
    ///
    /// Degraded is `UP`; starting and draining are `OUT_OF_SERVICE`, with the reason as `description`. `/health` has the
    /// kinds as `groups`, each at a path of its own such as `/health/readiness`, and one check alone is that component alone.
    /// While starting or draining it is `OUT_OF_SERVICE` as well, with its own status among its `details`.
    Spring,
}

impl Format {
    // Of those with one media type `Accept` chooses the first, and a later one only where it is the default.
    pub(crate) const ALL: [Self; 6] = [Self::Json, Self::HealthJson, Self::Text, Self::Html, Self::MicroProfile, Self::Spring];

    /// Its name in `?format=`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::HealthJson => "health+json",
            Self::Text => "text",
            Self::Html => "html",
            Self::MicroProfile => "microprofile",
            Self::Spring => "spring",
        }
    }

    /// What a client asks for in `Accept`: type and subtype.
    pub(crate) fn media_type(self) -> (&'static str, &'static str) {
        match self {
            Self::Json | Self::MicroProfile | Self::Spring => ("application", "json"),
            Self::HealthJson => ("application", "health+json"),
            Self::Text => ("text", "plain"),
            Self::Html => ("text", "html"),
        }
    }

    /// What the answer says of its body.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Json | Self::MicroProfile | Self::Spring => "application/json",
            Self::HealthJson => "application/health+json",
            Self::Text => "text/plain; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
        }
    }

    pub(crate) fn render(self, view: ReportView<'_>) -> Vec<u8> {
        match self {
            Self::Json => view.render(json::body),
            Self::HealthJson => view.render(health_json::body),
            Self::Text => view.render(text::body),
            Self::MicroProfile => view.render(microprofile::body),
            Self::Spring => view.render(spring::body),
            // Its style alone is longer than the others may be.
            Self::Html => html::body(&view),
        }
    }
}
