//! What a team can write for the check of a shared dependency.

use std::sync::Weak;
use std::time::Duration;

use health_runtime::{Check, Health, with};

use super::dependency::Link;
use super::fleet::Fleet;
use super::peers::peers;

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
    /// A critical readiness check with `shared = true`, and peers from DNS.
    Shared,
}

const GRACE: Duration = Duration::from_secs(30);

impl Policy {
    pub(crate) const ALL: [Self; 8] = [
        Self::Liveness,
        Self::Critical,
        Self::Cached,
        Self::Absent,
        Self::NotCritical,
        Self::Threshold,
        Self::Grace,
        Self::Shared,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Liveness => "in liveness",
            Self::Critical => "critical, no cache",
            Self::Cached => "critical",
            Self::Absent => "no check",
            Self::NotCritical => "critical = false",
            Self::Threshold => "failure_threshold = 3",
            Self::Grace => "grace = 30s",
            Self::Shared => "shared = true",
        }
    }

    /// Starts the engine of one process of the replica `index`.
    pub(crate) fn start(self, link: Link, fleet: Weak<Fleet>, index: usize) -> Health {
        let query = with(link, Link::query);
        let readiness = |query| Check::readiness("database", query);
        let builder = Health::builder().linked_checks(false);
        let builder = match self {
            Self::Liveness => builder.check(Check::liveness("database", query)),
            Self::Critical => builder.check(readiness(query).cache(Duration::ZERO)),
            Self::Cached => builder.check(readiness(query)),
            Self::Absent => builder,
            Self::NotCritical => builder.check(readiness(query).critical(false)),
            Self::Threshold => builder.check(readiness(query).failure_threshold(3)),
            Self::Grace => builder.check(readiness(query).grace(GRACE)),
            Self::Shared => builder.check(readiness(query).shared(true)).peers(peers(fleet, index)),
        };
        builder.start().expect("a correct configuration")
    }
}
