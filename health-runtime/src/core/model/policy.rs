//! The policy of a check: timeout, cache, interval, thresholds, criticality, tags.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::name;
use super::status::{Kind, Kinds};

pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_millis(750);

pub(crate) const DEFAULT_CACHE: Duration = Duration::from_secs(1);

/// Below 1 s, the default `timeoutSeconds` of a Kubernetes probe.
pub(crate) const DEFAULT_DEADLINE: Duration = Duration::from_millis(900);

const TIMEOUTS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(60 * 60);
/// The maximum of every duration that an application configures.
pub(crate) const MAX_DURATION: Duration = Duration::from_secs(24 * 60 * 60);
const INTERVALS: RangeInclusive<Duration> = Duration::from_millis(1)..=MAX_DURATION;

/// The policy of one check: the options of the attribute as values.
///
/// Change one with [`HealthBuilder::policy`](crate::HealthBuilder::policy).
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
    /// A run is cancelled after this time: 1 ms to 1 h, by default 750 ms.
    pub timeout: Duration,
    /// Whether a failure makes the overall state unhealthy (the default) or only degraded. A liveness check is always critical.
    /// Startup waits for the first result of every startup check, critical or not.
    pub critical: bool,
    /// A result serves every probe for this long: at most 24 h, by default 1 s. Zero runs the check on every probe. Not used
    /// with `interval`.
    pub cache: Duration,
    /// The check runs in the background this often, and probes only read its result: 1 ms to 24 h. By default `None`: probes run
    /// the check.
    pub interval: Option<Duration>,
    /// Consecutive failed runs before `up` changes to `down`: at least 1, the default.
    pub failure_threshold: u32,
    /// Consecutive good runs before `down` changes to `up`: at least 1, the default.
    pub success_threshold: u32,
    /// Failed runs keep the last status until this much time has passed since the end of the last good run: at most 24 h, by
    /// default `None`. Without any good run, and once a run is past its timeout, a failure counts at once. The grace must be longer
    /// than `interval`, or than `cache` and `timeout` together; choose at least two periods of the probe. Not used with
    /// `failure_threshold`.
    pub grace: Option<Duration>,
    /// A good run that took longer is degraded, with the reason `slow: took 312ms`. Shorter than `timeout`, by default `None`. It
    /// counts as a good run.
    pub slow: Option<Duration>,
    /// Whether all instances share the dependency, by default `false`. With [`peers`](crate::HealthBuilder::peers), a failure that
    /// other instances have too makes this one degraded instead of unhealthy. Only for a critical readiness check that is not a
    /// liveness check.
    pub shared: bool,
    /// The names of the groups of the check.
    pub tags: Vec<String>,
    /// A sentence that `?verbose` and the page show.
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
            grace: None,
            slow: None,
            shared: false,
            tags: Vec::new(),
            description: None,
        }
    }
}

impl Policy {
    /// Returns the problems for a check of these kinds, each as the rest of a sentence that starts with the check.
    pub(crate) fn problems(&self, kinds: Kinds) -> Vec<String> {
        let mut problems = Vec::new();
        if !TIMEOUTS.contains(&self.timeout) {
            problems.push(format!("has a `timeout` of {:?}; give one from 1ms to 1h", self.timeout));
        }
        if self.cache > MAX_DURATION {
            problems.push(format!("has a `cache` of {:?}; give at most 24h", self.cache));
        }
        if let Some(interval) = self.interval.filter(|interval| !INTERVALS.contains(interval)) {
            problems.push(format!("has an `interval` of {interval:?}; give one from 1ms to 24h"));
        }
        for (key, threshold) in [("failure_threshold", self.failure_threshold), ("success_threshold", self.success_threshold)] {
            if threshold == 0 {
                problems.push(format!("has a `{key}` of 0; give at least 1"));
            }
        }
        problems.extend(self.grace.and_then(|grace| self.grace_problem(grace)));
        if let Some(slow) = self.slow.filter(|slow| slow.is_zero() || *slow >= self.timeout) {
            problems.push(format!("has a `slow` of {slow:?}; give one above 0s and below its `timeout` of {:?}", self.timeout));
        }
        problems.extend(self.shared_problem(kinds));
        for (i, tag) in self.tags.iter().enumerate() {
            if name::validate(tag).is_some() {
                problems.push(format!("has the tag {tag:?}; write at most 63 of `A-Z a-z 0-9 _ . -`, a letter or digit first"));
            } else if self.tags.iter().position(|other| other == tag) != Some(i) {
                problems.push(format!("has the tag `{tag}` twice; remove one"));
            }
        }
        if !self.critical && kinds.has(Kind::Liveness) {
            problems
                .push("is a liveness check with `critical = false`; remove `critical`, or make it a readiness check".to_owned());
        }
        problems
    }

    fn shared_problem(&self, kinds: Kinds) -> Option<String> {
        let problem = if kinds.has(Kind::Liveness) {
            "is a liveness check with `shared`; remove it, or make the check a readiness check"
        } else if !kinds.has(Kind::Readiness) {
            "has `shared` but is not a readiness check; add readiness, or remove `shared`"
        } else if !self.critical {
            "has both `shared` and `critical = false`; remove one"
        } else {
            return None;
        };
        self.shared.then(|| problem.to_owned())
    }

    fn grace_problem(&self, grace: Duration) -> Option<String> {
        if self.failure_threshold > 1 {
            return Some("has both `grace` and `failure_threshold`; remove one".to_owned());
        }
        if grace > MAX_DURATION {
            return Some(format!("has a `grace` of {grace:?}; give at most 24h"));
        }
        let (minimum, what) = match self.interval {
            Some(interval) => (interval, format!("its `interval` of {interval:?}")),
            None => (
                self.cache + self.timeout,
                format!("its `cache` of {:?} and `timeout` of {:?} together", self.cache, self.timeout),
            ),
        };
        (grace <= minimum).then(|| format!("has a `grace` of {grace:?}, but one failed run lasts longer; give more than {what}"))
    }

    /// Changes each option that differs between two policies to that of the second one.
    pub(crate) fn change(&mut self, before: &Self, after: &Self) {
        fn set<T: Clone + PartialEq>(option: &mut T, before: &T, after: &T) {
            if before != after {
                option.clone_from(after);
            }
        }
        let Self {
            timeout,
            critical,
            cache,
            interval,
            failure_threshold,
            success_threshold,
            grace,
            slow,
            shared,
            tags,
            description,
        } = self;
        set(timeout, &before.timeout, &after.timeout);
        set(critical, &before.critical, &after.critical);
        set(cache, &before.cache, &after.cache);
        set(interval, &before.interval, &after.interval);
        set(failure_threshold, &before.failure_threshold, &after.failure_threshold);
        set(success_threshold, &before.success_threshold, &after.success_threshold);
        set(grace, &before.grace, &after.grace);
        set(slow, &before.slow, &after.slow);
        set(shared, &before.shared, &after.shared);
        set(tags, &before.tags, &after.tags);
        set(description, &before.description, &after.description);
    }

    /// Returns the age after which a result is stale.
    pub(crate) fn max_age(&self, deadline: Duration) -> Duration {
        match self.max_silence() {
            Some(max_silence) => max_silence + self.timeout,
            None => self.cache + self.timeout + deadline,
        }
    }

    /// Returns the time without a sign of the check after which it has missed its interval.
    pub(crate) fn max_silence(&self) -> Option<Duration> {
        self.interval.map(|interval| interval * 5 / 2)
    }
}
