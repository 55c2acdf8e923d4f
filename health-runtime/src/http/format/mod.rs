//! The formats of a report: one module each, a pure function from [`ReportView`] to bytes.

mod health_json;
#[cfg(feature = "page")]
pub(crate) mod html;
mod json;
mod microprofile;
mod native_fields;
mod spring;
mod text;

use std::time::Duration;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::core::report::Report;
use crate::core::report::view::{CheckView, ReportView};
use crate::text::timestamp::rfc3339;

/// The format of a response body, selected by `?format=`, by `Accept`, or else by
/// [`HealthService::format`](crate::HealthService::format).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Format {
    /// The native format of this project, `application/json`. The default.
    #[default]
    Json,
    /// `application/health+json` by [draft-inadarei-api-health-check-06]: pass, warn, fail.
    ///
    /// [draft-inadarei-api-health-check-06]: https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check-06
    HealthJson,
    /// `text/plain`: the state, and with `?verbose` the lines of a Kubernetes API server.
    Text,
    /// `text/html`: a page for people, with the last hour of each check. It refreshes itself, loads no other resources, and
    /// always shows what `?verbose` adds.
    ///
    /// It needs the feature `page`, which is on by default. Without it, requests for this format are ignored, and
    /// [`HealthService::format`](crate::HealthService::format) treats it as [`Format::Json`].
    Html,
    /// The body of [MicroProfile Health 4](https://microprofile.io/specifications/health/), as `application/json`, for tools
    /// that read it: `UP` or `DOWN`, and a list of checks. `Accept` never selects it.
    ///
    /// Degraded is `UP`. A check is `DOWN` only if it makes the state unhealthy. Its `data` has the native `status`, the
    /// latency, `error` and the details; a detail that is an object or a list is JSON in a string. While the service starts,
    /// drains or is in maintenance, a check named `service lifecycle` is `DOWN`.
    MicroProfile,
    /// The body of [Spring Boot's Actuator](https://docs.spring.io/spring-boot/api/rest/actuator/health.html), as
    /// `application/json`, for consoles that read it: `UP`, `DOWN`, `OUT_OF_SERVICE` or `UNKNOWN`, and `components`. `Accept`
    /// never selects it.
    ///
    /// Degraded is `UP`. Starting, draining and maintenance are `OUT_OF_SERVICE`, with the reason as `description`. `/health`
    /// lists the kinds as `groups`, each at a path such as `/health/readiness`. The response for a single check is that component.
    /// While the service starts, drains or is in maintenance, that component is `OUT_OF_SERVICE` too, with the status of the
    /// check in `details`.
    Spring,
}

impl Format {
    /// The formats that a request can select. Of several with one media type, `Accept` selects the default format, or else
    /// the first.
    pub(crate) const ALL: [Self; 5 + cfg!(feature = "page") as usize] = [
        Self::Json,
        Self::HealthJson,
        Self::Text,
        #[cfg(feature = "page")]
        Self::Html,
        Self::MicroProfile,
        Self::Spring,
    ];

    /// Returns [`Format::Json`] instead of [`Format::Html`] without the feature `page`.
    pub(crate) fn or_json(self) -> Self {
        if Self::ALL.contains(&self) { self } else { Self::Json }
    }

    /// Returns the name in `?format=`.
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

    /// Returns the type and the subtype that `Accept` matches.
    pub(crate) fn media_type(self) -> (&'static str, &'static str) {
        let media_type = self.content_type().trim_end_matches("; charset=utf-8");
        media_type.split_once('/').unwrap_or_default()
    }

    /// Returns the value of the header `Content-Type`.
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
            Self::Json => view.render(|view| to_json(view)),
            Self::HealthJson => view.render(health_json::body),
            Self::Text => view.render(text::body),
            Self::MicroProfile => view.render(microprofile::body),
            Self::Spring => view.render(spring::body),
            // Not truncated: its style alone exceeds the maximum length of a body.
            #[cfg(feature = "page")]
            Self::Html => html::body(&view),
            #[cfg(not(feature = "page"))]
            Self::Html => view.render(|view| to_json(view)),
        }
    }
}

/// Serialises a body without white space. The values are strings, numbers and existing JSON, so it cannot fail.
pub(super) fn to_json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).unwrap_or_default()
}

/// Serialises an entry if there is a value.
fn serialize_some<M: SerializeMap>(map: &mut M, key: &str, value: Option<impl Serialize>) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(key, &value))
}

/// Serialises the checks of a view as a map from their names to what the function returns.
struct CheckMap<'v, T>(&'v ReportView<'v>, fn(&'v ReportView<'v>, &'v CheckView<'v>) -> T);

impl<T: Serialize> Serialize for CheckMap<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.entries().iter().map(|entry| (entry.check.name(), self.1(self.0, entry))))
    }
}

/// Formats the time this long before the report by the wall clock, which only formats read: a clock that jumps changes no status.
fn timestamp(report: &Report, ago: Duration) -> String {
    let now = report.generated_at();
    rfc3339(now.checked_sub(ago).unwrap_or(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_json_without_the_feature_page() {
        let html = if cfg!(feature = "page") { Format::Html } else { Format::Json };
        assert_eq!(Format::Html.or_json(), html);
        assert_eq!(Format::Spring.or_json(), Format::Spring);
    }
}
