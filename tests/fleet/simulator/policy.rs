//! What a team can write for the check of a shared dependency.

use std::sync::Weak;
use std::time::Duration;

use health_runtime::{Check, Health, with};

use super::dependency::Link;
use super::fleet::Fleet;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policy {
    /// The check is a liveness check.
    Liveness,
    /// A critical readiness check that runs for every probe.
    Critical,
    /// A critical readiness check with the default cache.
    Cached,
    /// No check of the dependency.
    Absent,
    /// A readiness check with `critical = false`.
    NotCritical,
    /// A critical readiness check with `failure_threshold = 3`.
    Threshold,
    /// A critical readiness check with a grace.
    Grace,
}

const GRACE: Duration = Duration::from_secs(30);

impl Policy {
    pub(crate) const ALL: [Self; 7] =
        [Self::Liveness, Self::Critical, Self::Cached, Self::Absent, Self::NotCritical, Self::Threshold, Self::Grace];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Liveness => "in liveness",
            Self::Critical => "critical, no cache",
            Self::Cached => "critical",
            Self::Absent => "no check",
            Self::NotCritical => "critical = false",
            Self::Threshold => "failure_threshold = 3",
            Self::Grace => "grace = 30s",
        }
    }

    /// Starts the engine of one process.
    pub(crate) fn start(self, link: Link, _fleet: Weak<Fleet>) -> Health {
        let query = with(link, Link::query);
        let readiness = |query| Check::readiness("database", query);
        let check = match self {
            Self::Liveness => Some(Check::liveness("database", query)),
            Self::Critical => Some(readiness(query).cache(Duration::ZERO)),
            Self::Cached => Some(readiness(query)),
            Self::Absent => None,
            Self::NotCritical => Some(readiness(query).critical(false)),
            Self::Threshold => Some(readiness(query).failure_threshold(3)),
            Self::Grace => Some(readiness(query).grace(GRACE)),
        };
        let builder = Health::builder().linked_checks(false);
        let builder = check.into_iter().fold(builder, health_runtime::HealthBuilder::check);
        builder.start().expect("a correct configuration")
    }
}
