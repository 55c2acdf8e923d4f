//! The native JSON body of this project.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::{system_time, to_json};
use crate::core::model::report::Report;
use crate::core::model::report_view::{Asked, Entry, View};
use crate::core::model::status::{Kind, Scope};
use crate::text::number::Decimal;
use crate::text::timestamp::rfc3339;

pub(super) fn body(view: &View<'_>) -> Vec<u8> {
    to_json(view)
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        View::new(self, Scope::All, &Asked::default()).serialize(serializer)
    }
}

impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", self.state().as_str())?;
        if !self.is_open() {
            return map.end();
        }
        if let Some(reason) = self.reason() {
            map.serialize_entry("reason", reason)?;
        }
        map.serialize_entry("checks", &Checks(self))?;
        if self.is_truncated() {
            map.serialize_entry("truncated", &true)?;
        }
        if let Some(version) = self.report().version() {
            map.serialize_entry("version", version)?;
        }
        map.serialize_entry("uptime_seconds", &self.report().uptime().as_secs())?;
        if let Some(in_flight) = self.report().in_flight() {
            map.serialize_entry("in_flight", &in_flight)?;
        }
        map.end()
    }
}

struct Checks<'v>(&'v View<'v>);

impl Serialize for Checks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = self.0.entries().iter();
        serializer.collect_map(entries.map(|entry| (entry.check.name(), CheckEntry { view: self.0, entry })))
    }
}

struct CheckEntry<'v> {
    view: &'v View<'v>,
    entry: &'v Entry<'v>,
}

impl Serialize for CheckEntry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Entry { check, error, details } = self.entry;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", check.status().as_str())?;
        if let Some(latency) = check.latency() {
            map.serialize_entry("latency_ms", &Decimal::millis(latency))?;
        }
        if let Some(error) = error {
            map.serialize_entry("error", error)?;
        }
        for detail in *details {
            map.serialize_entry(&detail.key, &detail.value)?;
        }
        if self.view.is_verbose() {
            self.serialize_verbose(&mut map)?;
        }
        map.end()
    }
}

impl CheckEntry<'_> {
    fn serialize_verbose<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let (report, check) = (self.view.report(), self.entry.check);
        let (registered, record) = (check.check(), check.record());
        let kinds: Vec<&str> = registered.kinds.iter().map(Kind::as_str).collect();
        map.serialize_entry("kinds", &kinds)?;
        map.serialize_entry("critical", &registered.policy.critical)?;
        if let Some(description) = &registered.policy.description {
            map.serialize_entry("description", description)?;
        }
        map.serialize_entry("tags", &registered.policy.tags)?;
        if let Some(age) = check.age() {
            map.serialize_entry("checked_at", &rfc3339(system_time(report, report.now() - age)))?;
        }
        if let Some(since) = record.since {
            map.serialize_entry("since", &rfc3339(system_time(report, since)))?;
        }
        if let Some(age) = check.age() {
            map.serialize_entry("age_ms", &Decimal::millis(age))?;
        }
        map.serialize_entry("timeout_ms", &Decimal::millis(registered.policy.timeout))?;
        map.serialize_entry("consecutive_failures", &check.consecutive_failures())?;
        if let Some(error_id) = &record.error_id {
            map.serialize_entry("error_id", error_id)?;
        }
        map.serialize_entry("transitions", &record.transitions)
    }
}
