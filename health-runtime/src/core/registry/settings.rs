//! The settings of a `Health` in the application's configuration.

use std::collections::BTreeMap;
use std::time::Duration;

use super::policy_override::{PolicyOverride, deserialize_duration};

/// The settings of a [`Health`](crate::Health) in the application's configuration, each optional. Unknown keys are rejected.
///
/// Pass it to [`HealthBuilder::settings`](crate::HealthBuilder::settings). Durations are strings, as in a [`PolicyOverride`].
///
/// ```
/// use health_runtime::{Check, Health, Settings};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let configuration = r#"{
///     "deadline": "800ms",
///     "drain_delay": "10s",
///     "checks": { "cache": { "timeout": "200ms", "critical": false } }
/// }"#;
/// let settings: Settings = serde_json::from_str(configuration)?;
/// let health = Health::builder()
///     .check(Check::readiness("cache", || async { Ok::<(), String>(()) }))
///     .settings(settings)
///     .start()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Settings {
    /// The maximum time of one response, as [`HealthBuilder::deadline`](crate::HealthBuilder::deadline).
    #[serde(deserialize_with = "deserialize_duration")]
    pub deadline: Option<Duration>,
    /// How long traffic is still served after SIGTERM, as [`HealthBuilder::drain_delay`](crate::HealthBuilder::drain_delay).
    #[serde(deserialize_with = "deserialize_duration")]
    pub drain_delay: Option<Duration>,
    /// Changes to the policies of checks by name, as [`HealthBuilder::overrides`](crate::HealthBuilder::overrides).
    pub checks: BTreeMap<String, PolicyOverride>,
}
