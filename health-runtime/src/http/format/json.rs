//! The native JSON body of this project.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::native_fields::NativeFields;
use super::{CheckMap, serialize_some, timestamp};
use crate::core::model::status::{Kind, Scope};
use crate::core::report::Report;
use crate::core::report::view::{CheckView, ReportView, ViewOptions};
use crate::text::number::Decimal;

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ReportView::new(self, Scope::All, &ViewOptions::default()).serialize(serializer)
    }
}

impl Serialize for ReportView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", self.state().as_str())?;
        if !self.shows_checks() {
            return map.end();
        }
        serialize_some(&mut map, "reason", self.reason())?;
        map.serialize_entry("checks", &CheckMap(self, CheckEntry))?;
        if self.is_truncated() {
            map.serialize_entry("truncated", &true)?;
        }
        serialize_some(&mut map, "version", self.report().meta().version.as_deref())?;
        map.serialize_entry("uptime_seconds", &self.report().meta().uptime.as_secs())?;
        serialize_some(&mut map, "in_flight", self.report().meta().in_flight)?;
        map.end()
    }
}

struct CheckEntry<'v>(&'v ReportView<'v>, &'v CheckView<'v>);

impl Serialize for CheckEntry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        NativeFields { entry: self.1, status_is_lossless: false, allow_nested: true }.serialize_into(&mut map)?;
        if self.0.is_verbose() {
            self.serialize_verbose(&mut map)?;
        }
        map.end()
    }
}

impl CheckEntry<'_> {
    fn serialize_verbose<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let (report, check) = (self.0.report(), self.1.check);
        let (registered, history) = (check.check(), &check.history().history);
        let kinds: Vec<&str> = registered.kinds.iter().map(Kind::as_str).collect();
        map.serialize_entry("kinds", &kinds)?;
        map.serialize_entry("critical", &registered.policy.critical)?;
        serialize_some(map, "description", registered.policy.description.as_ref())?;
        map.serialize_entry("tags", &registered.policy.tags)?;
        serialize_some(map, "checked_at", check.age().map(|age| timestamp(report, age)))?;
        serialize_some(map, "since", history.since().map(|since| timestamp(report, report.time_since(since))))?;
        serialize_some(map, "age_ms", check.age().map(Decimal::millis))?;
        map.serialize_entry("timeout_ms", &Decimal::millis(registered.policy.timeout))?;
        map.serialize_entry("consecutive_failures", &check.consecutive_failures())?;
        serialize_some(map, "error_id", history.error_id.map(|id| id.to_string()))?;
        map.serialize_entry("transitions", &history.transitions)
    }
}
