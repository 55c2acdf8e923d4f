//! `application/health+json`, as [draft-inadarei-api-health-check-06] has it: pass, warn, fail, and a list of objects
//! for each check.
//!
//! [draft-inadarei-api-health-check-06]: https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check-06

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::time::rfc3339;
use crate::core::model::detail::Detail;
use crate::core::model::status::{HealthState, Status};
use crate::core::report::CheckReport;
use crate::core::report::view::{CheckView, ReportView};

pub(super) fn body(view: &ReportView<'_>) -> Vec<u8> {
    // A view holds strings, numbers and JSON that was made before: there is nothing in it that could fail.
    serde_json::to_vec(&Whole(view)).unwrap_or_default()
}

fn of_state(state: HealthState) -> &'static str {
    match state {
        HealthState::Healthy => "pass",
        HealthState::Degraded => "warn",
        HealthState::Unhealthy => "fail",
    }
}

/// Of what is unknown nothing is known to have failed; but where it makes the whole fail, it is what fails.
fn of_check(check: &CheckReport, view: &ReportView<'_>) -> &'static str {
    match check.status() {
        Status::Up => "pass",
        Status::Unknown if view.impact(check) == HealthState::Unhealthy => "fail",
        Status::Degraded | Status::Unknown => "warn",
        Status::Down => "fail",
    }
}

struct Whole<'v>(&'v ReportView<'v>);

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let view = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", of_state(view.state()))?;
        if !view.shows_checks() {
            return map.end();
        }
        if let Some(version) = view.report().meta().version.as_deref() {
            map.serialize_entry("version", version)?;
        }
        if view.is_truncated() {
            map.serialize_entry("notes", &["truncated"])?;
        }
        // Section 3.6: on pass there is none.
        if let Some(reason) = view.reason() {
            map.serialize_entry("output", reason)?;
        }
        map.serialize_entry("checks", &Checks(view))?;
        map.end()
    }
}

struct Checks<'v>(&'v ReportView<'v>);

impl Serialize for Checks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = self.0.entries().iter();
        serializer.collect_map(entries.map(|entry| (entry.check.name(), [Check { view: self.0, entry }])))
    }
}

struct Check<'v> {
    view: &'v ReportView<'v>,
    entry: &'v CheckView<'v>,
}

impl Serialize for Check<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (report, CheckView { check, error, details }) = (self.view.report(), self.entry);
        let status = of_check(check, self.view);
        let passes = status == "pass";
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", status)?;
        for detail in *details {
            map.serialize_entry(&key(detail, details), &detail.value)?;
        }
        if let Some(age) = check.age() {
            map.serialize_entry("time", &rfc3339(report, report.meta().taken_at - age))?;
        }
        if let Some(error) = error.as_ref().filter(|_| !passes) {
            map.serialize_entry("output", error)?;
        }
        map.end()
    }
}

/// `componentType`, `observedValue` and the other keys of section 4 come as details of that name, and it allows keys of one's
/// own. A detail that would stand in the place of something else has an underscore behind its key.
fn key<'d>(detail: &'d Detail, details: &[Detail]) -> Cow<'d, str> {
    let json = detail.value.get();
    let fits = match &*detail.key {
        "time" | "output" => false,
        "componentId" | "componentType" | "observedUnit" => serde_json::from_str::<String>(json).is_ok(),
        "affectedEndpoints" => serde_json::from_str::<Vec<String>>(json).is_ok(),
        "links" => serde_json::from_str::<BTreeMap<String, String>>(json).is_ok(),
        _ => true,
    };
    let mut key = Cow::Borrowed(&*detail.key);
    if !fits {
        while details.iter().any(|held| held.key == key) {
            key.to_mut().push('_');
        }
    }
    key
}
