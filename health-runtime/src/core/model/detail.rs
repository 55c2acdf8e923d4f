//! Details: values serialized when they are added, so that the order of their keys and the format of their numbers stay.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// One detail as the body shows it.
#[derive(Debug, Clone)]
pub(crate) struct Detail {
    pub(crate) key: Cow<'static, str>,
    pub(crate) value: Box<RawValue>,
}

/// The keys that the body of a check uses itself, with and without `?verbose`.
const RESERVED: [&str; 15] = [
    "status",
    "latency_ms",
    "error",
    "kinds",
    "critical",
    "description",
    "tags",
    "checked_at",
    "since",
    "age_ms",
    "timeout_ms",
    "consecutive_failures",
    "error_id",
    "transitions",
    "in_flight",
];

pub(crate) fn is_reserved(key: &str) -> bool {
    RESERVED.contains(&key)
}

pub(crate) fn raw(value: &impl Serialize) -> Result<Box<RawValue>, serde_json::Error> {
    serde_json::value::to_raw_value(value)
}

/// Returns the top-level entries of a value that serializes as a JSON object, and nothing for a unit.
pub(crate) fn fields(value: &impl Serialize) -> Result<Vec<(String, Box<RawValue>)>, serde_json::Error> {
    let json = serde_json::to_string(value)?;
    serde_json::from_str::<Fields>(&json).map(|fields| fields.0)
}

struct Fields(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a struct or a map")
    }

    fn visit_unit<E>(self) -> Result<Fields, E> {
        Ok(Fields(Vec::new()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields = Vec::new();
        while let Some(entry) = map.next_entry()? {
            fields.push(entry);
        }
        Ok(Fields(fields))
    }
}
