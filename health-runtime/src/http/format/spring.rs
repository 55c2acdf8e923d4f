//! The body of Spring Boot's Actuator: `status` and `components`, and for all kinds together `groups`, each of which has a
//! path below `/health`. The format has no field that marks a truncated body.
//!
//! <https://docs.spring.io/spring-boot/api/rest/actuator/health.html>

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::native_fields::NativeFields;
use super::{CheckMap, serialize_some, to_json};
use crate::core::model::status::{HealthState, Kind, Scope, Status};
use crate::core::report::view::{CheckView, ReportView};

pub(super) fn body(view: &ReportView<'_>) -> Vec<u8> {
    match view.entries() {
        [entry] if view.options().single_check => to_json(&Component::new(entry, single_check_status_str(view, entry))),
        _ => to_json(&Body(view)),
    }
}

fn state_str(view: &ReportView<'_>) -> &'static str {
    match view.state() {
        HealthState::Healthy | HealthState::Degraded => "UP",
        // Spring's status while it refuses traffic. A response that hides the reason hides this status too.
        HealthState::Unhealthy if view.reason().is_some() && view.shows_checks() => "OUT_OF_SERVICE",
        HealthState::Unhealthy => "DOWN",
    }
}

/// Returns the status for a response with a single check. It must not contradict the status code of the response.
fn single_check_status_str(view: &ReportView<'_>, entry: &CheckView<'_>) -> &'static str {
    if view.reason().is_some() { state_str(view) } else { check_status_str(entry.check.status()) }
}

fn check_status_str(status: Status) -> &'static str {
    match status {
        Status::Up | Status::Degraded => "UP",
        Status::Unknown => "UNKNOWN",
        Status::Down => "DOWN",
    }
}

struct Body<'v>(&'v ReportView<'v>);

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let view = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", state_str(view))?;
        // The response for an excluded single check has no components either.
        if !view.shows_checks() || view.options().single_check {
            return map.end();
        }
        serialize_some(&mut map, "description", view.reason())?;
        let components = CheckMap(view, |_, entry| Component::new(entry, check_status_str(entry.check.status())));
        map.serialize_entry("components", &components)?;
        if view.scope() == Scope::All {
            map.serialize_entry("groups", &Kind::ALL.map(Kind::as_str))?;
        }
        map.end()
    }
}

#[derive(Serialize)]
struct Component<'v> {
    status: &'static str,
    #[serde(skip_serializing_if = "NativeFields::is_empty")]
    details: NativeFields<'v>,
}

impl<'v> Component<'v> {
    fn new(entry: &'v CheckView<'v>, status: &'static str) -> Self {
        let check_status = entry.check.status();
        let status_is_lossless = check_status != Status::Degraded && status == check_status_str(check_status);
        Self { status, details: NativeFields { entry, status_is_lossless, allow_nested: true } }
    }
}
