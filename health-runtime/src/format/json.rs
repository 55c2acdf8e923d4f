//! The project's own body.

use std::time::Duration;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::report::{CheckReport, Report};

/// The body, without white space.
pub(crate) fn body(report: &Report) -> Vec<u8> {
    // A report holds strings, numbers and JSON that was made before: there is nothing in it that could fail.
    serde_json::to_vec(report).unwrap_or_default()
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", self.state().as_str())?;
        if let Some(reason) = self.reason() {
            map.serialize_entry("reason", reason)?;
        }
        map.serialize_entry("checks", &Entries(self))?;
        if let Some(version) = self.version() {
            map.serialize_entry("version", version)?;
        }
        map.serialize_entry("uptime_seconds", &self.uptime().as_secs())?;
        map.end()
    }
}

struct Entries<'r>(&'r Report);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.checks().map(|check| (check.name(), check)))
    }
}

impl Serialize for CheckReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", self.status().as_str())?;
        if let Some(latency) = self.latency() {
            map.serialize_entry("latency_ms", &Millis(latency))?;
        }
        if let Some(error) = self.error() {
            map.serialize_entry("error", error)?;
        }
        for detail in self.details() {
            map.serialize_entry(&detail.key, &detail.value)?;
        }
        map.end()
    }
}

/// Milliseconds to the microsecond, without trailing zeros.
struct Millis(Duration);

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
