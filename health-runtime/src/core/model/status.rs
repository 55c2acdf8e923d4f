//! Kinds, statuses, states and scopes.

use std::fmt;

/// Defines `as_str` and `Display` of an enum.
macro_rules! names {
    ($enum:ident, $doc:literal, $($variant:ident => $name:literal),+) => {
        impl $enum {
            #[doc = $doc]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }
        }

        impl fmt::Display for $enum {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

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

    pub(crate) fn iter(self) -> impl Iterator<Item = Kind> + Clone {
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

/// The state of a kind or of all checks, ordered by severity. Over HTTP the first two are 200, the last is 503.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HealthState {
    /// Every check is up.
    Healthy,
    /// A check is degraded, or a non-critical check fails.
    Degraded,
    /// A critical check fails, or the service is starting, draining or in maintenance.
    Unhealthy,
}

impl HealthState {
    pub(crate) const ALL: [Self; 3] = [Self::Healthy, Self::Degraded, Self::Unhealthy];
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

names!(
    Kind,
    "Returns the name in the attribute, in texts and in metrics, such as `liveness`.",
    Liveness => "liveness", Readiness => "readiness", Startup => "startup"
);

names!(
    Status,
    "Returns the name in bodies and texts, such as `up`.",
    Up => "up", Degraded => "degraded", Unknown => "unknown", Down => "down"
);

names!(
    HealthState,
    "Returns the name in bodies and texts, such as `healthy`.",
    Healthy => "healthy", Degraded => "degraded", Unhealthy => "unhealthy"
);
