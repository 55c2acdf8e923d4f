//! The seconds and counts of the three probes: plain arithmetic on what was declared and given.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::core::model::status::Kind;

/// Longer than anybody waits for a pod, and far from the limit of Kubernetes' integers.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

const DEFAULT_STARTUP_BUDGET: Duration = Duration::from_secs(60);

/// For what a program does after its server has stopped.
const MARGIN: u64 = 5;

/// A restart is dear, so it takes more than a hiccup.
const LIVENESS_FAILURES: u64 = 3;

/// One slow answer takes no pod out of rotation.
const READINESS_FAILURES: u64 = 2;

/// What the figures follow from.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) deadline: Duration,
    pub(super) drain_delay: Duration,
    /// In seconds, as actix-web takes it.
    pub(super) shutdown_timeout: u64,
    pub(super) startup_budget: Option<Duration>,
    /// How long the slowest startup check needs.
    pub(super) startup_settles_within: Duration,
    pub(super) periods: BTreeMap<Kind, Duration>,
}

/// All in whole seconds, or counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figures {
    pub(super) timeout: u64,
    pub(super) liveness: Rhythm,
    pub(super) readiness: Rhythm,
    pub(super) startup: Rhythm,
    /// What `startup` fills.
    pub(super) startup_budget: Duration,
    /// Where that comes from.
    pub(super) budget_from: &'static str,
    pub(super) grace_period: u64,
}

/// How often one path is asked, and how many failures in a row count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rhythm {
    pub(super) period: u64,
    pub(super) failures: u64,
}

impl Rhythm {
    /// How long it fails before the kubelet acts.
    pub(super) fn total(self) -> u64 {
        self.period * self.failures
    }
}

impl Figures {
    pub(super) fn new(given: &Given) -> Result<Self, Vec<String>> {
        let mistakes = given.mistakes();
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let timeout = given.timeout();
        let period = |kind| given.periods.get(&kind).map_or_else(|| default_period(kind).max(timeout), Duration::as_secs);
        let startup_budget = given.startup_budget();
        let startup = period(Kind::Startup);
        let shutdown = given.drain_delay + Duration::from_secs(given.shutdown_timeout);
        Ok(Self {
            timeout,
            liveness: Rhythm { period: period(Kind::Liveness), failures: LIVENESS_FAILURES },
            readiness: Rhythm { period: period(Kind::Readiness), failures: READINESS_FAILURES },
            startup: Rhythm { period: startup, failures: rounded_up(startup_budget).div_ceil(startup).max(LIVENESS_FAILURES) },
            startup_budget,
            budget_from: given.budget_from(),
            grace_period: rounded_up(shutdown) + MARGIN,
        })
    }
}

impl Given {
    /// The first whole second above the deadline.
    fn timeout(&self) -> u64 {
        self.deadline.as_secs().saturating_add(1)
    }

    fn startup_budget(&self) -> Duration {
        self.startup_budget.unwrap_or_else(|| self.startup_settles_within.clamp(DEFAULT_STARTUP_BUDGET, LONGEST))
    }

    fn budget_from(&self) -> &'static str {
        if self.startup_budget.is_some() {
            "as given"
        } else if self.startup_settles_within > DEFAULT_STARTUP_BUDGET {
            "which the slowest startup check needs"
        } else {
            "which is assumed"
        }
    }

    fn mistakes(&self) -> Vec<String> {
        let mut mistakes = Vec::new();
        let lengths = [
            ("deadline", self.deadline),
            ("drain_delay", self.drain_delay),
            ("shutdown_timeout", Duration::from_secs(self.shutdown_timeout)),
            ("startup_budget", self.startup_budget()),
        ];
        for (key, length) in lengths.into_iter().filter(|(_, length)| *length > LONGEST) {
            mistakes.push(format!("`{key}` is {length:?}, longer than a day; give at most 86400s"));
        }
        if self.startup_budget.is_some_and(|budget| budget.is_zero()) {
            mistakes.push(
                "`startup_budget` is zero, so no container could ever start; give the time that a slow start takes, such as 60s"
                    .to_owned(),
            );
        }
        mistakes.extend(self.periods.iter().filter_map(|(kind, period)| self.period_mistake(*kind, *period)));
        mistakes
    }

    fn period_mistake(&self, kind: Kind, period: Duration) -> Option<String> {
        let (least, deadline) = (self.timeout(), self.deadline);
        if period > LONGEST {
            Some(format!("`period` of {kind} is {period:?}, longer than a day; give at most 86400s"))
        } else if period.subsec_nanos() != 0 {
            Some(format!("`period` of {kind} is {period:?}, but Kubernetes counts whole seconds; give {}s", rounded_up(period)))
        } else if period.as_secs() < least {
            Some(format!(
                "`period` of {kind} is {period:?}, but an answer may take the deadline of {deadline:?}; give at least {least}s"
            ))
        } else {
            None
        }
    }
}

fn default_period(kind: Kind) -> u64 {
    match kind {
        Kind::Liveness => 10,
        Kind::Readiness => 5,
        Kind::Startup => 2,
    }
}

/// In whole seconds.
fn rounded_up(length: Duration) -> u64 {
    length.as_secs() + u64::from(length.subsec_nanos() > 0)
}
