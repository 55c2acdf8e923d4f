//! How a run ended: with all that it said, as what is to be said of it, and in one word.

use std::time::Duration;

use tokio::time::Instant;

use super::Why;
use crate::core::model::outcome::{Detail, Outcome, Reason};
use crate::core::model::status::Status;
use crate::text::truncate::truncate_and_mask;

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

/// One run that ended, and what it says, whatever was before. To make it masks texts of any length: it is made before any
/// lock is taken.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) result: RunResult,
    pub(super) why: Option<Why>,
    pub(super) details: Vec<Detail>,
    /// `None` for a report, which takes no time.
    pub(super) took: Option<Duration>,
    pub(super) ended: Instant,
}

impl Finished {
    pub(crate) fn new(end: End, took: Option<Duration>, ended: Instant, timeout: Duration) -> Self {
        let result = RunResult::of(&end);
        let (why, details) = said(end, timeout);
        Self { result, why, details, took, ended }
    }
}

pub(super) fn timed_out(timeout: Duration) -> Why {
    Why::public(format!("timed out after {timeout:?}"))
}

fn said(end: End, timeout: Duration) -> (Option<Why>, Vec<Detail>) {
    match end {
        End::Said(Outcome { reason, details, .. }) => {
            let why = reason.map(|reason| match reason {
                Reason::Given(text) => Why::public(truncate_and_mask(&text)),
                Reason::Failed(failure) => Why { public: failure.class, chain: Some(failure.chain) },
            });
            (why, details)
        }
        End::TimedOut => (Some(timed_out(timeout)), Vec::new()),
        End::Panicked => (Some(Why::public("panicked")), Vec::new()),
        End::RuntimeStopped => (Some(Why::public("runtime stopped")), Vec::new()),
    }
}

/// How a run ended in one word, for spans and metrics.
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

    /// What this run alone says, whatever the thresholds.
    pub(crate) fn status(self) -> Status {
        match self {
            Self::Up => Status::Up,
            Self::Degraded => Status::Degraded,
            Self::Down | Self::TimedOut | Self::Panicked | Self::RuntimeStopped => Status::Down,
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
