//! How a run ended, with all that it said and in one word.

use crate::outcome::Outcome;
use crate::status::Status;

/// How a run ended.
#[derive(Debug)]
pub(crate) enum End {
    /// It returned.
    Said(Outcome),
    /// It was cut off at its limit, or came back after it.
    TimedOut,
    /// It panicked. The message went to the application's panic hook and is kept nowhere.
    Panicked,
    /// The runtime that it ran on was shut down.
    RuntimeStopped,
}

impl End {
    /// What this run alone says, whatever the thresholds.
    pub(crate) fn status(&self) -> Status {
        match self {
            Self::Said(outcome) => outcome.status,
            Self::TimedOut | Self::Panicked | Self::RuntimeStopped => Status::Down,
        }
    }
}

/// The same in one word, for spans and metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunResult {
    Up,
    Degraded,
    Down,
    TimedOut,
    Panicked,
    RuntimeStopped,
}

impl RunResult {
    #[cfg(any(feature = "prometheus", feature = "metrics"))]
    pub(crate) const ALL: [Self; 6] =
        [Self::Up, Self::Degraded, Self::Down, Self::TimedOut, Self::Panicked, Self::RuntimeStopped];

    pub(crate) fn of(end: &End) -> Self {
        match end {
            End::Said(outcome) => match outcome.status {
                Status::Up => Self::Up,
                Status::Degraded => Self::Degraded,
                Status::Unknown | Status::Down => Self::Down,
            },
            End::TimedOut => Self::TimedOut,
            End::Panicked => Self::Panicked,
            End::RuntimeStopped => Self::RuntimeStopped,
        }
    }

    #[cfg(any(feature = "prometheus", feature = "metrics"))]
    pub(crate) fn is_good(self) -> bool {
        matches!(self, Self::Up | Self::Degraded)
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Down => "down",
            Self::TimedOut => "timed_out",
            Self::Panicked => "panicked",
            Self::RuntimeStopped => "runtime_stopped",
        }
    }
}
