//! What holds for the runs of one check.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::core::model::name;
use crate::core::model::status::{Kind, Kinds};
use crate::core::registry::descriptor::Descriptor;

/// One run is cut off here unless the check says otherwise.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_millis(750);

/// A result answers every probe for this long unless the check says otherwise.
pub(crate) const DEFAULT_CACHE: Duration = Duration::from_secs(1);

/// A whole answer takes no longer unless the builder says otherwise: under the second that a kubelet waits.
pub(crate) const DEFAULT_DEADLINE: Duration = Duration::from_millis(900);

/// The maximum length of every configurable duration.
pub(crate) const MAX_DURATION: Duration = Duration::from_secs(24 * 60 * 60);

const TIMEOUTS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(60 * 60);
const LONGEST_CACHE: Duration = Duration::from_secs(24 * 60 * 60);
const INTERVALS: RangeInclusive<Duration> = Duration::from_millis(1)..=LONGEST_CACHE;

/// What holds for the runs of one check: the options of the attribute, as values.
///
/// [`HealthBuilder::policy`](crate::HealthBuilder::policy) hands one out for change.
///
/// ```
/// use std::time::Duration;
/// use health_runtime::{Check, Health};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), health_runtime::StartError> {
/// let health = Health::builder()
///     .check(Check::readiness("cache", || async { Ok::<(), String>(()) }))
///     .policy("cache", |policy| policy.timeout = Duration::from_millis(200))
///     .start()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// One run is cut off here: 1 ms to 1 h, 750 ms by default.
    pub timeout: Duration,
    /// Whether a failure makes the whole unhealthy (the default) or only degraded. A liveness check is always critical.
    /// Startup waits for a first result of each of its checks, whether critical or not.
    pub critical: bool,
    /// A result answers every probe for this long: at most 24 h, 1 s by default; zero runs on every probe. Not used
    /// where `interval` is set.
    pub cache: Duration,
    /// Run in the background this often, and let probes only read: 1 ms to 24 h, none by default.
    pub interval: Option<Duration>,
    /// Consecutive failed runs before up turns to down: at least 1, the default.
    pub failure_threshold: u32,
    /// Consecutive good runs before down turns to up: at least 1, the default.
    pub success_threshold: u32,
    /// Names of the groups that the check belongs to.
    pub tags: Vec<String>,
    /// A sentence for readers.
    pub description: Option<String>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            timeout: DEFAULT_TIMEOUT,
            critical: true,
            cache: DEFAULT_CACHE,
            interval: None,
            failure_threshold: 1,
            success_threshold: 1,
            tags: Vec::new(),
            description: None,
        }
    }
}

impl From<&Descriptor> for Policy {
    fn from(descriptor: &Descriptor) -> Self {
        Self {
            timeout: descriptor.timeout,
            critical: descriptor.critical,
            cache: descriptor.cache,
            interval: descriptor.interval,
            failure_threshold: descriptor.failure_threshold,
            success_threshold: descriptor.success_threshold,
            tags: descriptor.tags.iter().map(ToString::to_string).collect(),
            description: descriptor.description.map(ToOwned::to_owned),
        }
    }
}

impl Policy {
    /// What is wrong with it for a check of these kinds, each as the rest of a sentence that begins with the check.
    pub(crate) fn mistakes(&self, kinds: Kinds) -> Vec<String> {
        let mut mistakes = Vec::new();
        if !TIMEOUTS.contains(&self.timeout) {
            mistakes.push(format!("has a `timeout` of {:?}; give one from 1ms to 1h", self.timeout));
        }
        if self.cache > LONGEST_CACHE {
            mistakes.push(format!("has a `cache` of {:?}; give at most 24h", self.cache));
        }
        if let Some(interval) = self.interval.filter(|interval| !INTERVALS.contains(interval)) {
            mistakes.push(format!("has an `interval` of {interval:?}; give one from 1ms to 24h"));
        }
        for (key, threshold) in [("failure_threshold", self.failure_threshold), ("success_threshold", self.success_threshold)] {
            if threshold == 0 {
                mistakes.push(format!("has a `{key}` of 0; give at least 1"));
            }
        }
        for (i, tag) in self.tags.iter().enumerate() {
            if name::mistake(tag).is_some() {
                mistakes.push(format!("has the tag {tag:?}; write at most 63 of `A-Z a-z 0-9 _ . -`, a letter or digit first"));
            } else if self.tags.iter().position(|other| other == tag) != Some(i) {
                mistakes.push(format!("has the tag `{tag}` twice; drop one"));
            }
        }
        if !self.critical && kinds.has(Kind::Liveness) {
            mistakes.push("is liveness and not critical; make it critical, or readiness".to_owned());
        }
        mistakes
    }

    /// How old a result may be and still count; none for one that runs on demand is ever older than a probe allows.
    pub(crate) fn age_limit(&self, deadline: Duration) -> Duration {
        match self.interval {
            Some(interval) => interval * 5 / 2 + self.timeout,
            None => self.cache + self.timeout + deadline,
        }
    }
}
