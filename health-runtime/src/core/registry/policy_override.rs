//! Changes to policies from the application's configuration.

use std::fmt;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::core::model::policy::{DEFAULT_CACHE, Policy};
use crate::text::duration_grammar;

/// A change to the policy of one check in the application's configuration: the fields of [`Policy`] and `enabled`, each optional.
/// Unknown keys are rejected.
///
/// Durations are strings with the grammar of the attribute, such as `"500ms"` or `"1m30s"`, with the units `ns us µs ms s m h`.
/// [`start`](crate::HealthBuilder::start) rejects an override with both `cache` and `interval`.
///
/// ```
/// use std::collections::BTreeMap;
/// use health_runtime::{Check, Health, Kind, PolicyOverride};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let configuration = r#"{
///     "cache": { "timeout": "200ms", "critical": false },
///     "search": { "enabled": false }
/// }"#;
/// let overrides: BTreeMap<String, PolicyOverride> = serde_json::from_str(configuration)?;
/// let health = Health::builder()
///     .check(Check::readiness("cache", || async { Ok::<(), String>(()) }))
///     .check(Check::readiness("search", || async { Ok::<(), String>(()) }))
///     .overrides(overrides)
///     .start()?;
/// assert_eq!(health.report(Kind::Readiness).await.checks().count(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PolicyOverride {
    /// `false` leaves the check out. Its state need not be registered.
    pub enabled: Option<bool>,
    /// A run is cancelled after this time.
    #[serde(deserialize_with = "deserialize_duration")]
    pub timeout: Option<Duration>,
    /// Whether a failure makes the overall state unhealthy or only degraded.
    pub critical: Option<bool>,
    /// A result serves every probe for this long. Removes the check's `interval`.
    #[serde(deserialize_with = "deserialize_duration")]
    pub cache: Option<Duration>,
    /// The check runs in the background this often. Removes the check's `cache`.
    #[serde(deserialize_with = "deserialize_duration")]
    pub interval: Option<Duration>,
    /// Consecutive failed runs before `up` changes to `down`. Removes the check's `grace`.
    pub failure_threshold: Option<u32>,
    /// Consecutive good runs before `down` changes to `up`.
    pub success_threshold: Option<u32>,
    /// Failed runs keep the last status for this long after the last good run. Removes the check's `failure_threshold`.
    #[serde(deserialize_with = "deserialize_duration")]
    pub grace: Option<Duration>,
    /// A good run that took longer is degraded.
    #[serde(deserialize_with = "deserialize_duration")]
    pub slow: Option<Duration>,
    /// Whether all instances share the dependency.
    pub shared: Option<bool>,
    /// The names of the groups of the check; they replace those it has.
    pub tags: Option<Vec<String>>,
    /// A sentence that `?verbose` and the page show.
    pub description: Option<String>,
}

/// The names of the fields.
pub(super) const FIELDS: [&str; 12] = [
    "enabled",
    "timeout",
    "critical",
    "cache",
    "interval",
    "failure_threshold",
    "success_threshold",
    "grace",
    "slow",
    "shared",
    "tags",
    "description",
];

impl PolicyOverride {
    /// Sets a field. Returns what is wrong with the text, as the rest of a sentence.
    pub(super) fn set_text(&mut self, field: &str, text: &str) -> Result<(), String> {
        let count = || text.parse().map_err(|_| "must be an integer; write one such as `3`".to_owned());
        let flag = || text.parse().map_err(|_| "must be `true` or `false`; write `false`".to_owned());
        match field {
            "enabled" => self.enabled = Some(flag()?),
            "timeout" => self.timeout = Some(duration_grammar::parse(text)?),
            "critical" => self.critical = Some(flag()?),
            "cache" => self.cache = Some(duration_grammar::parse(text)?),
            "interval" => self.interval = Some(duration_grammar::parse(text)?),
            "failure_threshold" => self.failure_threshold = Some(count()?),
            "success_threshold" => self.success_threshold = Some(count()?),
            "grace" => self.grace = Some(duration_grammar::parse(text)?),
            "slow" => self.slow = Some(duration_grammar::parse(text)?),
            "shared" => self.shared = Some(flag()?),
            "tags" => self.tags = Some(text.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect()),
            "description" => self.description = Some(text.to_owned()),
            _ => {}
        }
        Ok(())
    }

    /// Changes the policy. Of two options that exclude each other, the override replaces either. Returns the problem of an override
    /// with both, as the rest of a sentence.
    pub(crate) fn apply(self, policy: &mut Policy) -> Option<&'static str> {
        match (self.cache, self.interval) {
            (Some(_), Some(_)) => return Some("has both `cache` and `interval` in one override; remove one"),
            (Some(cache), None) => (policy.cache, policy.interval) = (cache, None),
            (None, Some(interval)) => (policy.cache, policy.interval) = (DEFAULT_CACHE, Some(interval)),
            (None, None) => {}
        }
        match (self.grace, self.failure_threshold) {
            (Some(_), Some(_)) => return Some("has both `grace` and `failure_threshold` in one override; remove one"),
            (Some(grace), None) => (policy.grace, policy.failure_threshold) = (Some(grace), 1),
            (None, Some(threshold)) => (policy.grace, policy.failure_threshold) = (None, threshold),
            (None, None) => {}
        }
        policy.slow = self.slow.or(policy.slow);
        set(&mut policy.timeout, self.timeout);
        set(&mut policy.critical, self.critical);
        set(&mut policy.success_threshold, self.success_threshold);
        set(&mut policy.shared, self.shared);
        set(&mut policy.tags, self.tags);
        policy.description = self.description.or_else(|| policy.description.take());
        None
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

pub(super) fn deserialize_duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    Ok(Option::<DurationText>::deserialize(deserializer)?.map(|text| text.0))
}

struct DurationText(Duration);

impl<'de> Deserialize<'de> for DurationText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(DurationVisitor)
    }
}

struct DurationVisitor;

impl Visitor<'_> for DurationVisitor {
    type Value = DurationText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as \"500ms\" or \"1m30s\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<DurationText, E> {
        duration_grammar::parse(text).map(DurationText).map_err(|problem| E::custom(format_args!("duration `{text}` {problem}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<PolicyOverride, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn durations_have_the_grammar_of_the_attribute() {
        let timeout = |text: &str| read(&format!(r#"{{"timeout":"{text}"}}"#)).map(|change| change.timeout);
        assert_eq!(timeout("1m30s"), Ok(Some(Duration::from_secs(90))));
        for (text, problem) in [
            ("", "must not be empty; write a number and a unit, such as `500ms`"),
            ("500", "must have a unit after `500`; write `500ms` or `500s`"),
            ("5 seconds", "must not contain spaces; write `5s`"),
            ("1.5s", "must not have a fraction; write `1s500ms`"),
            ("PT1H", "must have a number before `PT`; write a duration such as `500ms`"),
        ] {
            let error = timeout(text).unwrap_err();
            assert!(error.starts_with(&format!("duration `{text}` {problem} at line 1")), "{error}");
        }
        assert_eq!(read(r#"{"timeout":null}"#).unwrap(), PolicyOverride::default());
        let error = read(r#"{"interval":5}"#).unwrap_err();
        assert!(error.starts_with("invalid type: integer `5`, expected a duration such as \"500ms\""), "{error}");
    }

    #[test]
    fn every_field_has_a_text_form() {
        let mut change = PolicyOverride::default();
        for field in FIELDS {
            let before = change.clone();
            let text = if matches!(field, "enabled" | "critical" | "shared") {
                "true"
            } else if field.ends_with("threshold") {
                "3"
            } else {
                "1s"
            };
            assert_eq!(change.set_text(field, text), Ok(()));
            assert_ne!(change, before, "{field}");
        }
        let unknown = read(r#"{"time_out":"1s"}"#).unwrap_err();
        let fields = FIELDS.map(|field| format!("`{field}`")).join(", ");
        assert!(unknown.starts_with(&format!("unknown field `time_out`, expected one of {fields} at")), "{unknown}");
    }
}
