//! Changes to policies from the application's configuration.

use std::fmt;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::core::model::policy::Policy;
use crate::text::duration;

/// A change to the policy of one check in the application's configuration: the fields of [`Policy`] and `enabled`, each optional.
/// Unknown keys are rejected.
///
/// Durations are strings such as `"500ms"` or `"1m30s"`, with the units `ns us µs ms s m h`.
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
    /// A result serves every probe for this long. Rejected for a check with an `interval`.
    #[serde(deserialize_with = "deserialize_duration")]
    pub cache: Option<Duration>,
    /// The check runs in the background this often.
    #[serde(deserialize_with = "deserialize_duration")]
    pub interval: Option<Duration>,
    /// Consecutive failed runs before `up` changes to `down`.
    pub failure_threshold: Option<u32>,
    /// Consecutive good runs before `down` changes to `up`.
    pub success_threshold: Option<u32>,
    /// The names of the groups of the check; they replace those it has.
    pub tags: Option<Vec<String>>,
    /// A sentence that `?verbose` and the page show.
    pub description: Option<String>,
}

impl PolicyOverride {
    /// Changes the policy. Returns the problem of a change without an effect, as the rest of a sentence.
    pub(crate) fn apply(self, policy: &mut Policy) -> Option<&'static str> {
        let has_cache = self.cache.is_some();
        set(&mut policy.timeout, self.timeout);
        set(&mut policy.critical, self.critical);
        set(&mut policy.cache, self.cache);
        set(&mut policy.failure_threshold, self.failure_threshold);
        set(&mut policy.success_threshold, self.success_threshold);
        set(&mut policy.tags, self.tags);
        policy.interval = self.interval.or(policy.interval);
        policy.description = self.description.or_else(|| policy.description.take());
        (has_cache && policy.interval.is_some())
            .then_some("has an `interval`, so the `cache` of its override would have no effect; remove it")
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

fn deserialize_duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
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
        let error = || E::custom(format_args!("`{text}` is not a duration; write one such as \"500ms\" or \"1m30s\""));
        duration::parse(text).map(DurationText).ok_or_else(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<PolicyOverride, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn durations_are_read_in_every_unit() {
        for (text, duration) in [
            ("500ms", Duration::from_millis(500)),
            ("1m30s", Duration::from_secs(90)),
            ("2h", Duration::from_secs(7200)),
            ("3us", Duration::from_micros(3)),
            ("3µs", Duration::from_micros(3)),
            ("4ns", Duration::from_nanos(4)),
            ("0s", Duration::ZERO),
        ] {
            assert_eq!(read(&format!(r#"{{"timeout":"{text}"}}"#)).unwrap().timeout, Some(duration), "{text}");
        }
        assert_eq!(read(r#"{"timeout":null}"#).unwrap(), PolicyOverride::default());
    }

    #[test]
    fn other_texts_are_refused_with_a_remedy() {
        for text in ["", "500", "fast", "-1s", "1.5s", "1 parsec", "5 seconds", "PT", "PT1H"] {
            let error = read(&format!(r#"{{"cache":"{text}"}}"#)).unwrap_err();
            let expected = format!("`{text}` is not a duration; write one such as \"500ms\" or \"1m30s\"");
            assert!(error.starts_with(&expected), "{error}");
        }
        let error = read(r#"{"interval":5}"#).unwrap_err();
        assert!(error.starts_with("invalid type: integer `5`, expected a duration such as \"500ms\""), "{error}");
    }

    #[test]
    fn unknown_keys_are_refused() {
        let error = read(r#"{"time_out":"1s"}"#).unwrap_err();
        assert!(error.starts_with("unknown field `time_out`, expected one of `enabled`, `timeout`"), "{error}");
    }
}
