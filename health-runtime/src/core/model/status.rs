//! The words of the field: kinds, statuses, states, scopes.

use std::fmt;

/// What a check is asked for, and what an orchestrator does when it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Is the process alive and turning? Failing it restarts the process.
    Liveness,
    /// Can it serve traffic now? Failing it takes the instance out of rotation.
    Readiness,
    /// Has it finished initialising? Until then the other probes hold off.
    Startup,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Liveness, Self::Readiness, Self::Startup];

    /// The word for it in the attribute, in texts and in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Liveness => "liveness",
            Self::Readiness => "readiness",
            Self::Startup => "startup",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The kinds that one check has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Kinds(u8);

impl Kinds {
    pub(crate) fn with(self, kind: Kind) -> Self {
        Self(self.0 | Self::bit(kind))
    }

    pub(crate) fn has(self, kind: Kind) -> bool {
        self.0 & Self::bit(kind) != 0
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(move |kind| self.has(*kind))
    }

    pub(crate) fn only(self, kind: Kind) -> bool {
        self.0 == Self::bit(kind)
    }

    fn bit(kind: Kind) -> u8 {
        match kind {
            Kind::Liveness => 1,
            Kind::Readiness => 2,
            Kind::Startup => 4,
        }
    }
}

impl fmt::Display for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, kind) in self.iter().enumerate() {
            let separator = if i == 0 { "" } else { "," };
            write!(f, "{separator}{kind}")?;
        }
        Ok(())
    }
}

impl FromIterator<Kind> for Kinds {
    fn from_iter<I: IntoIterator<Item = Kind>>(kinds: I) -> Self {
        kinds.into_iter().fold(Self::default(), Self::with)
    }
}

/// The status of one check, ordered by severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// It works.
    Up,
    /// It works, but not as it should.
    Degraded,
    /// Nothing is known that still counts: not yet run, or too old.
    Unknown,
    /// It does not work.
    Down,
}

impl Status {
    /// The word for it in bodies and texts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Unknown => "unknown",
            Self::Down => "down",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The state of the whole answer, ordered by severity. The first two answer 200, the last 503.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HealthState {
    /// Every check that counts is up.
    Healthy,
    /// Something is not as it should be, and traffic is still served.
    Degraded,
    /// At least one critical check fails, or the service starts or drains.
    Unhealthy,
}

impl HealthState {
    /// The word for it in bodies and texts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Unhealthy => "unhealthy",
        }
    }
}

impl fmt::Display for HealthState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a report speaks for: one kind, or every check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The checks of one kind.
    Kind(Kind),
    /// Every check, each once.
    All,
}

impl From<Kind> for Scope {
    fn from(kind: Kind) -> Self {
        Self::Kind(kind)
    }
}
