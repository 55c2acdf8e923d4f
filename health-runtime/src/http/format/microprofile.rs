//! The shape of MicroProfile Health 4: `status`, a list of `checks`, and nothing else at the top. The specification makes
//! the whole `DOWN` where a check is, so a check that leaves it healthy or degraded is `UP` here whatever its own status is,
//! which `data` then has. What a body is too long for has no place to be marked.
//!
//! <https://download.eclipse.org/microprofile/microprofile-health-4.0/microprofile-health-spec-4.0.html>

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::extra_fields::Beside;
use crate::core::model::status::{HealthState, Status};
use crate::core::report::view::{CheckView, ReportView};

/// The check that is down while the service starts or drains. No check of the application has a space in its name.
const LIFECYCLE: &str = "service lifecycle";

pub(super) fn body(view: &ReportView<'_>) -> Vec<u8> {
    // A view holds strings, numbers and JSON that was made before: there is nothing in it that could fail.
    serde_json::to_vec(&Whole(view)).unwrap_or_default()
}

fn word(state: HealthState) -> &'static str {
    match state {
        HealthState::Healthy | HealthState::Degraded => "UP",
        HealthState::Unhealthy => "DOWN",
    }
}

struct Whole<'v>(&'v ReportView<'v>);

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("status", word(self.0.state()))?;
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
            list.serialize_element(&Check { view, entry })?;
        }
        list.end()
    }
}

struct Lifecycle<'v>(&'v str);

impl Serialize for Lifecycle<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("name", LIFECYCLE)?;
        map.serialize_entry("status", word(HealthState::Unhealthy))?;
        map.serialize_entry("data", &serde_json::Map::from_iter([("reason".to_owned(), self.0.into())]))?;
        map.end()
    }
}

struct Check<'v> {
    view: &'v ReportView<'v>,
    entry: &'v CheckView<'v>,
}

impl Serialize for Check<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let check = self.entry.check;
        let effect = self.view.impact(check);
        let is_said = match check.status() {
            Status::Up => true,
            Status::Down => effect == HealthState::Unhealthy,
            Status::Degraded | Status::Unknown => false,
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", check.name())?;
        map.serialize_entry("status", word(effect))?;
        let data = Beside { entry: self.entry, is_said, nests: false };
        if !data.is_empty() {
            map.serialize_entry("data", &data)?;
        }
        map.end()
    }
}
