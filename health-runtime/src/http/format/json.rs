//! The project's own body.

use std::time::Duration;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::time::rfc3339;
use crate::core::model::status::{Kind, Scope};
use crate::core::report::Report;
use crate::core::report::view::{CheckView, ReportView, ViewOptions};

/// The body, without white space.
pub(super) fn body(view: &ReportView<'_>) -> Vec<u8> {
    // A view holds strings, numbers and JSON that was made before: there is nothing in it that could fail.
    serde_json::to_vec(view).unwrap_or_default()
}

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
        if let Some(reason) = self.reason() {
            map.serialize_entry("reason", reason)?;
        }
        map.serialize_entry("checks", &Entries(self))?;
        if self.is_truncated() {
            map.serialize_entry("truncated", &true)?;
        }
        if let Some(version) = self.report().meta().version.as_deref() {
            map.serialize_entry("version", version)?;
        }
        map.serialize_entry("uptime_seconds", &self.report().meta().uptime.as_secs())?;
        if let Some(in_flight) = self.report().meta().in_flight {
            map.serialize_entry("in_flight", &in_flight)?;
        }
        map.end()
    }
}

struct Entries<'v>(&'v ReportView<'v>);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = self.0.entries().iter();
        serializer.collect_map(entries.map(|entry| (entry.check.name(), OfCheck { view: self.0, entry })))
    }
}

struct OfCheck<'v> {
    view: &'v ReportView<'v>,
    entry: &'v CheckView<'v>,
}

impl Serialize for OfCheck<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let CheckView { check, error, details } = self.entry;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", check.status().as_str())?;
        if let Some(latency) = check.latency() {
            map.serialize_entry("latency_ms", &Millis(latency))?;
        }
        if let Some(error) = error {
            map.serialize_entry("error", error)?;
        }
        for detail in *details {
            map.serialize_entry(&detail.key, &detail.value)?;
        }
        if self.view.is_verbose() {
            self.verbose(&mut map)?;
        }
        map.end()
    }
}

impl OfCheck<'_> {
    fn verbose<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let (report, check) = (self.view.report(), self.entry.check);
        let (registered, record) = (check.check(), check.history());
        let kinds: Vec<&str> = registered.kinds.iter().map(Kind::as_str).collect();
        map.serialize_entry("kinds", &kinds)?;
        map.serialize_entry("critical", &registered.policy.critical)?;
        if let Some(description) = &registered.policy.description {
            map.serialize_entry("description", description)?;
        }
        map.serialize_entry("tags", &registered.policy.tags)?;
        if let Some(age) = check.age() {
            map.serialize_entry("checked_at", &rfc3339(report, report.meta().taken_at - age))?;
        }
        if let Some(since) = record.since {
            map.serialize_entry("since", &rfc3339(report, since))?;
        }
        if let Some(age) = check.age() {
            map.serialize_entry("age_ms", &Millis(age))?;
        }
        map.serialize_entry("timeout_ms", &Millis(registered.policy.timeout))?;
        map.serialize_entry("consecutive_failures", &check.consecutive_failures())?;
        if let Some(error_id) = &record.error_id {
            map.serialize_entry("error_id", error_id)?;
        }
        map.serialize_entry("transitions", &record.transitions)
    }
}

/// Milliseconds to the microsecond, without trailing zeros.
pub(super) struct Millis(pub(super) Duration);

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let micros = u64::try_from(self.0.as_micros()).unwrap_or(u64::MAX);
        if micros.is_multiple_of(1000) {
            serializer.serialize_u64(micros / 1000)
        } else {
            // Exact to the microsecond up to 2^53 µs, which is 285 years.
            #[expect(clippy::cast_precision_loss)]
            serializer.serialize_f64(micros as f64 / 1000.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latency_is_given_to_the_microsecond_without_trailing_zeros() {
        let table = [
            (0, "0"),
            (1, "0.001"),
            (100, "0.1"),
            (999, "0.999"),
            (1_000, "1"),
            (2_500, "2.5"),
            (12_345, "12.345"),
            (750_000, "750"),
            (86_400_000_001, "86400000.001"),
        ];
        for (micros, text) in table {
            assert_eq!(serde_json::to_string(&Millis(Duration::from_micros(micros))).unwrap(), text);
        }
        assert_eq!(serde_json::to_string(&Millis(Duration::from_nanos(1_999))).unwrap(), "0.001");
    }
}
