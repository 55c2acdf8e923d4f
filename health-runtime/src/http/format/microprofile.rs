//! The body of MicroProfile Health 4: `status` and a list of `checks`, and no other fields.
//!
//! By the specification the status is `DOWN` if one check is `DOWN`. So a check that leaves the state healthy or degraded is
//! `UP` here, with its own status in `data`. The format has no field that marks a truncated body.
//!
//! <https://download.eclipse.org/microprofile/microprofile-health-4.0/microprofile-health-spec-4.0.html>

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::extra_fields::ExtraFields;
use super::to_json;
use crate::core::model::status::{HealthState, Status};
use crate::core::report::view::{CheckView, ReportView};

/// The name of the check that is down while the service starts or drains. Names of other checks contain no space.
const LIFECYCLE: &str = "service lifecycle";

pub(super) fn body(view: &ReportView<'_>) -> Vec<u8> {
    to_json(&Body(view))
}

fn state_str(state: HealthState) -> &'static str {
    match state {
        HealthState::Healthy | HealthState::Degraded => "UP",
        HealthState::Unhealthy => "DOWN",
    }
}

struct Body<'v>(&'v ReportView<'v>);

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("status", state_str(self.0.state()))?;
        map.serialize_entry("checks", &Checks(self.0))?;
        map.end()
    }
}

struct Checks<'v>(&'v ReportView<'v>);

impl Serialize for Checks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let view = self.0;
        let mut list = serializer.serialize_seq(None)?;
        if let Some(reason) = view.reason().filter(|_| view.shows_checks()) {
            list.serialize_element(&Lifecycle(reason))?;
        }
        for entry in view.entries() {
            list.serialize_element(&CheckEntry { view, entry })?;
        }
        list.end()
    }
}

struct Lifecycle<'v>(&'v str);

impl Serialize for Lifecycle<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("name", LIFECYCLE)?;
        map.serialize_entry("status", state_str(HealthState::Unhealthy))?;
        map.serialize_entry("data", &serde_json::Map::from_iter([("reason".to_owned(), self.0.into())]))?;
        map.end()
    }
}

struct CheckEntry<'v> {
    view: &'v ReportView<'v>,
    entry: &'v CheckView<'v>,
}

impl Serialize for CheckEntry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let check = self.entry.check;
        let effect = self.view.impact(check);
        let status_is_lossless = match check.status() {
            Status::Up => true,
            Status::Down => effect == HealthState::Unhealthy,
            Status::Degraded | Status::Unknown => false,
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", check.name())?;
        map.serialize_entry("status", state_str(effect))?;
        let data = ExtraFields { entry: self.entry, status_is_lossless, allow_nested: false };
        if !data.is_empty() {
            map.serialize_entry("data", &data)?;
        }
        map.end()
    }
}
