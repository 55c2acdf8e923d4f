//! Kinds, statuses, states and scopes.

use std::fmt;

/// The purpose of a check. It decides what an orchestrator does when the check fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Is the process alive and making progress? Failing it restarts the process.
    Liveness,
    /// Can the process serve traffic now? Failing it removes the instance from rotation.
    Readiness,
    /// Has the process finished initialising? Until it passes, the other probes wait.
    Startup,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Liveness, Self::Readiness, Self::Startup];

    /// Returns the name in the attribute, in texts and in metrics, such as `liveness`.
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

/// The kinds of one check.
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
    /// The check succeeded.
    Up,
    /// The dependency works with restrictions. Responses stay 200.
    Degraded,
    /// No current result: the check has not run yet, or its last result is stale.
    Unknown,
    /// The check failed.
    Down,
}

impl Status {
    /// Returns the name in bodies and texts, such as `up`.
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

/// The state of a kind or of all checks, ordered by severity. Over HTTP the first two are 200, the last is 503.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HealthState {
    /// Every check is up.
    Healthy,
    /// A check is degraded, or a non-critical check fails.
    Degraded,
    /// A critical check fails, or the service is starting or draining.
    Unhealthy,
}

impl HealthState {
    /// Returns the name in bodies and texts, such as `healthy`.
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

/// The checks of a report: those of one kind, or all.
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
