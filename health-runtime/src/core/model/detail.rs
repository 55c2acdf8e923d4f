//! Details: values serialized when they are added, so that the order of their keys and the format of their numbers stay.
//!
//! A detail never changes the status of its check: a key that is in use is renamed, and a value that is not JSON is left out.
//! The engine logs the first such problem of each check.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// One detail as the body shows it.
#[derive(Debug, Clone)]
pub(crate) struct Detail {
    pub(crate) key: Cow<'static, str>,
    pub(crate) value: Box<RawValue>,
}

impl Detail {
    fn json(&self) -> Option<Value> {
        serde_json::from_str(self.value.get()).ok()
    }
}

/// Compares the values as JSON: the text of a map depends on the order in which it iterates.
impl PartialEq for Detail {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.json() == other.json()
    }
}

/// Returns the value of the detail with this key.
pub(crate) fn find(details: &[Detail], key: &str) -> Option<Value> {
    details.iter().find(|detail| detail.key == key)?.json()
}

/// The keys that the body uses itself, at every level of [`Expose`](crate::Expose), with and without `?verbose`.
const BODY_KEYS: [&str; 16] = [
    "status",
    "latency_ms",
    "error",
    "cause",
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

/// The details of one outcome, in the order in which they were added.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct DetailList {
    entries: Vec<Detail>,
    /// The first detail that the body cannot show as it was given, for the log.
    problem: Option<Box<str>>,
}

impl DetailList {
    /// Adds a value, or leaves it out if it cannot be serialized as JSON.
    pub(crate) fn add(&mut self, key: &'static str, value: &impl Serialize) {
        match serde_json::value::to_raw_value(value) {
            Ok(value) => self.push(Cow::Borrowed(key), value),
            Err(error) => self.note(|| format!("`{key}` is left out, because it cannot be serialized as JSON: {error}")),
        }
    }

    /// Adds the top-level entries of a value that serializes as a JSON object. Another value is left out; `null` is an empty object.
    pub(crate) fn add_fields(&mut self, value: &impl Serialize) {
        match fields(value) {
            Ok(fields) => fields.into_iter().for_each(|(key, value)| self.push(Cow::Owned(key), value)),
            Err(error) => self.note(|| format!("all are left out, because they cannot be serialized as a JSON object: {error}")),
        }
    }

    /// Adds a detail. Underscores are appended to a key that the body or another detail uses.
    fn push(&mut self, mut key: Cow<'static, str>, value: Box<RawValue>) {
        if self.is_in_use(&key) {
            let original = key.clone();
            while self.is_in_use(&key) {
                key.to_mut().push('_');
            }
            self.note(|| format!("the key `{original}` is in use, so the body shows it as `{key}`"));
        }
        self.entries.push(Detail { key, value });
    }

    fn is_in_use(&self, key: &str) -> bool {
        BODY_KEYS.contains(&key) || self.entries.iter().any(|detail| detail.key == key)
    }

    fn note(&mut self, problem: impl FnOnce() -> String) {
        self.problem.get_or_insert_with(|| problem().into());
    }

    /// Returns the details and the first problem with them.
    pub(crate) fn into_parts(self) -> (Box<[Detail]>, Option<Box<str>>) {
        (self.entries.into(), self.problem)
    }
}

impl Deref for DetailList {
    type Target = [Detail];

    fn deref(&self) -> &[Detail] {
        &self.entries
    }
}

/// Returns the top-level entries of a value that serializes as a JSON object, and nothing for a unit.
fn fields(value: &impl Serialize) -> Result<Vec<(String, Box<RawValue>)>, serde_json::Error> {
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
