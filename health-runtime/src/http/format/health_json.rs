//! `application/health+json` by [draft-inadarei-api-health-check-06]: the status `pass`, `warn` or `fail`, and a list of
//! objects for each check.
//!
//! [draft-inadarei-api-health-check-06]: https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check-06

use std::borrow::Cow;
use std::collections::HashMap;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::{CheckMap, serialize_some, timestamp, to_json};
use crate::core::model::detail::Detail;
use crate::core::model::status::{HealthState, Status};
use crate::core::report::CheckReport;
use crate::core::report::view::{CheckView, ReportView};

pub(super) fn body(view: &ReportView<'_>) -> Vec<u8> {
    to_json(&Body(view))
}

fn state_str(state: HealthState) -> &'static str {
    match state {
        HealthState::Healthy => "pass",
        HealthState::Degraded => "warn",
        HealthState::Unhealthy => "fail",
    }
}

/// Returns `warn` for an unknown check, but `fail` if the check makes the state unhealthy.
fn check_status_str(check: &CheckReport, view: &ReportView<'_>) -> &'static str {
    match check.status() {
        Status::Up => "pass",
        Status::Unknown if view.impact(check) == HealthState::Unhealthy => "fail",
        Status::Degraded | Status::Unknown => "warn",
        Status::Down => "fail",
    }
}

struct Body<'v>(&'v ReportView<'v>);

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let view = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", state_str(view.state()))?;
        if !view.shows_checks() {
            return map.end();
        }
        serialize_some(&mut map, "version", view.report().meta().version.as_deref())?;
        serialize_some(&mut map, "serviceId", view.report().meta().name.as_deref())?;
        if view.is_truncated() {
            map.serialize_entry("notes", &["truncated"])?;
        }
        // Section 3.6: `output` is omitted on `pass`.
        serialize_some(&mut map, "output", view.reason())?;
        map.serialize_entry("checks", &CheckMap(view, |view, entry| [CheckEntry(view, entry)]))?;
        map.end()
    }
}

struct CheckEntry<'v>(&'v ReportView<'v>, &'v CheckView<'v>);

impl Serialize for CheckEntry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(view, CheckView { check, error, cause, details }) = self;
        let (report, status) = (view.report(), check_status_str(check, view));
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", status)?;
        for detail in *details {
            map.serialize_entry(&detail_key(detail, details), &detail.value)?;
        }
        serialize_some(&mut map, "time", check.age().map(|age| timestamp(report, age)))?;
        serialize_some(&mut map, "output", error.as_ref().filter(|_| status != "pass"))?;
        serialize_some(&mut map, "cause", cause.as_ref())?;
        map.end()
    }
}

/// Returns the key of a detail. Section 4 allows additional keys, so a detail may be named `componentType` or
/// `observedValue`. A detail whose key has another meaning or type there gets an underscore at its end.
fn detail_key<'d>(detail: &'d Detail, details: &[Detail]) -> Cow<'d, str> {
    let json = detail.value.get();
    let is_valid = match &*detail.key {
        "time" | "output" => false,
        "componentId" | "componentType" | "observedUnit" => serde_json::from_str::<String>(json).is_ok(),
        "affectedEndpoints" => serde_json::from_str::<Vec<String>>(json).is_ok(),
        "links" => serde_json::from_str::<HashMap<String, String>>(json).is_ok(),
        _ => true,
    };
    let mut key = Cow::Borrowed(&*detail.key);
    if !is_valid {
        while details.iter().any(|other| other.key == key) {
            key.to_mut().push('_');
        }
    }
    key
}
