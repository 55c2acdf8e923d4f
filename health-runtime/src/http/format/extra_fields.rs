//! What the shapes of other ecosystems say of a check beside its status: whatever the project's own body says.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::json::Millis;
use crate::core::model::status::Status;
use crate::core::report::view::CheckView;

pub(super) struct Beside<'v> {
    pub(super) entry: &'v CheckView<'v>,
    /// Whether the other shape's word for the status says the same as ours.
    pub(super) is_said: bool,
    /// Whether a value may be more than a string, a number or a boolean.
    pub(super) nests: bool,
}

impl Beside<'_> {
    pub(super) fn is_empty(&self) -> bool {
        let CheckView { check, error, details } = self.entry;
        self.is_said && check.latency().is_none() && error.is_none() && details.is_empty()
    }

    /// The status in our word, where the other is not enough.
    fn status(&self) -> Option<Status> {
        (!self.is_said).then(|| self.entry.check.status())
    }
}

// None of these keys can be one of a detail: they are reserved.
impl Serialize for Beside<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let CheckView { check, error, details } = self.entry;
        let mut map = serializer.serialize_map(None)?;
        if let Some(status) = self.status() {
            map.serialize_entry("status", status.as_str())?;
        }
        if let Some(latency) = check.latency() {
            map.serialize_entry("latency_ms", &Millis(latency))?;
        }
        if let Some(error) = error {
            map.serialize_entry("error", error)?;
        }
        for detail in *details {
            if self.nests || is_plain(&detail.value) {
                map.serialize_entry(&detail.key, &detail.value)?;
            } else {
                map.serialize_entry(&detail.key, detail.value.get())?;
            }
        }
        map.end()
    }
}

/// A string, a number or a boolean, by the first byte of its JSON.
fn is_plain(value: &RawValue) -> bool {
    !value.get().starts_with(['{', '[', 'n'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_lists_and_null_are_not_plain() {
        let plain = [r#""{""#, r#""""#, "0", "-1.5", "1e9", "true", "false"];
        let nested = ["{}", "[]", r#"{"a":1}"#, "[1]", "null"];
        for (texts, expected) in [(&plain[..], true), (&nested, false)] {
            for text in texts {
                assert_eq!(is_plain(&RawValue::from_string((*text).to_owned()).unwrap()), expected, "{text}");
            }
        }
    }
}
