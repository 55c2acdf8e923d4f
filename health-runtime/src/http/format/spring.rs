//! The shape of Spring Boot's Actuator: `status`, `components`, and of the whole `groups`, each of which has a path below the
//! whole. What a body is too long for has no place to be marked.
//!
//! <https://docs.spring.io/spring-boot/api/rest/actuator/health.html>

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::extra_fields::Beside;
use crate::core::model::status::{HealthState, Kind, Scope, Status};
use crate::core::report::view::{CheckView, ReportView};

pub(super) fn body(view: &ReportView<'_>) -> Vec<u8> {
    let body = match view.entries() {
        [entry] if view.options().single_check => serde_json::to_vec(&Component { entry, word: of_one(view, entry) }),
        _ => serde_json::to_vec(&Whole(view)),
    };
    // A view holds strings, numbers and JSON that was made before: there is nothing in it that could fail.
    body.unwrap_or_default()
}

fn of_whole(view: &ReportView<'_>) -> &'static str {
    match view.state() {
        HealthState::Healthy | HealthState::Degraded => "UP",
        // As Spring's own readiness while it refuses traffic. Of an answer that hides the reason it hides this too.
        HealthState::Unhealthy if view.reason().is_some() && view.shows_checks() => "OUT_OF_SERVICE",
        HealthState::Unhealthy => "DOWN",
    }
}

/// One check alone has the code of an answer of its own, which its status is not to contradict.
fn of_one(view: &ReportView<'_>, entry: &CheckView<'_>) -> &'static str {
    if view.reason().is_some() { of_whole(view) } else { of_check(entry.check.status()) }
}

fn of_check(status: Status) -> &'static str {
    match status {
        Status::Up | Status::Degraded => "UP",
        Status::Unknown => "UNKNOWN",
        Status::Down => "DOWN",
    }
}

struct Whole<'v>(&'v ReportView<'v>);

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let view = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", of_whole(view))?;
        // One check alone that was left out has no components either.
        if !view.shows_checks() || view.options().single_check {
            return map.end();
        }
        if let Some(reason) = view.reason() {
            map.serialize_entry("description", reason)?;
        }
        map.serialize_entry("components", &Components(view))?;
        if view.scope() == Scope::All {
            map.serialize_entry("groups", &Kind::ALL.map(Kind::as_str))?;
        }
        map.end()
    }
}

struct Components<'v>(&'v ReportView<'v>);

impl Serialize for Components<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.0.entries().iter().map(|entry| (entry.check.name(), Component { entry, word: of_check(entry.check.status()) })),
        )
    }
}

struct Component<'v> {
    entry: &'v CheckView<'v>,
    word: &'static str,
}

impl Serialize for Component<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let status = self.entry.check.status();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", self.word)?;
        let is_said = status != Status::Degraded && self.word == of_check(status);
        let details = Beside { entry: self.entry, is_said, nests: true };
        if !details.is_empty() {
            map.serialize_entry("details", &details)?;
        }
        map.end()
    }
}
