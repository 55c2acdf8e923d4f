//! The fields of a check in the native body, which other formats nest where they have no field for them.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::serialize_some;
use crate::core::report::view::CheckView;
use crate::text::number::Decimal;

pub(super) struct NativeFields<'v> {
    pub(super) entry: &'v CheckView<'v>,
    /// Whether the status in the other format identifies the status of the check, so that it is not repeated here.
    pub(super) status_is_lossless: bool,
    /// Whether values may be objects, lists or null. Otherwise those are JSON in a string.
    pub(super) allow_nested: bool,
}

impl NativeFields<'_> {
    pub(super) fn is_empty(&self) -> bool {
        let CheckView { check, error, cause: _, details } = self.entry;
        self.status_is_lossless && check.latency().is_none() && error.is_none() && details.is_empty()
    }

    /// No detail has one of the other keys.
    pub(super) fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let CheckView { check, error, cause, details } = self.entry;
        if !self.status_is_lossless {
            map.serialize_entry("status", check.status().as_str())?;
        }
        serialize_some(map, "latency_ms", check.latency().map(Decimal::millis))?;
        serialize_some(map, "error", error.as_ref())?;
        serialize_some(map, "cause", cause.as_ref())?;
        details.iter().try_for_each(|detail| {
            if self.allow_nested || is_scalar(&detail.value) {
                map.serialize_entry(&detail.key, &detail.value)
            } else {
                map.serialize_entry(&detail.key, detail.value.get())
            }
        })
    }
}

impl Serialize for NativeFields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.serialize_into(&mut map)?;
        map.end()
    }
}

/// Returns whether the value is a string, a number or a boolean, by the first byte of its JSON.
fn is_scalar(value: &RawValue) -> bool {
    !value.get().starts_with(['{', '[', 'n'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_lists_and_null_are_not_scalars() {
        let scalars = [r#""{""#, r#""""#, "0", "-1.5", "1e9", "true", "false"];
        let nested = ["{}", "[]", r#"{"a":1}"#, "[1]", "null"];
        for (texts, expected) in [(&scalars[..], true), (&nested, false)] {
            for text in texts {
                assert_eq!(is_scalar(&RawValue::from_string((*text).to_owned()).unwrap()), expected, "{text}");
            }
        }
    }
}
