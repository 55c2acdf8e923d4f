//! How a run ended: the outcome itself, what is published of it, and its label.

use std::time::Duration;

use tokio::time::Instant;

use super::{MaskMemo, Reason};
use crate::core::model::detail::{Detail, DetailList};
use crate::core::model::error_class::{ErrorSummary, ErrorTexts};
use crate::core::model::outcome::{Cause, Outcome};
use crate::core::model::status::Status;

/// How a run ended.
#[derive(Debug)]
pub(crate) enum RunOutcome {
    Returned(Outcome),
    /// It was cancelled at its timeout, or returned after it.
    TimedOut,
    /// The panic message went to the application's panic hook and is not kept.
    Panicked,
    /// Its runtime was shut down.
    RuntimeStopped,
}

/// One finished run. Creating it masks texts of any length, so it is created before a lock is taken.
#[derive(Debug)]
pub(crate) struct FinishedRun {
    pub(crate) result: RunResult,
    pub(super) reason: Option<Reason>,
    pub(super) details: Box<[Detail]>,
    /// The first detail that the body cannot show as it was given.
    pub(crate) detail_problem: Option<Box<str>>,
    /// `None` for a reported status.
    pub(super) duration: Option<Duration>,
    pub(super) finished_at: Instant,
}

impl FinishedRun {
    pub(crate) fn new(
        outcome: RunOutcome,
        duration: Option<Duration>,
        finished_at: Instant,
        timeout: Duration,
        memo: &MaskMemo,
    ) -> Self {
        let result = RunResult::from(&outcome);
        let (reason, details) = describe(outcome, timeout, memo);
        let (details, detail_problem) = details.into_parts();
        Self { result, reason, details, detail_problem, duration, finished_at }
    }

    pub(crate) fn finished_at(&self) -> Instant {
        self.finished_at
    }

    /// Makes a run degraded that is up, but took longer than `slow`.
    pub(crate) fn degraded_if_above(self, slow: Option<Duration>) -> Self {
        match (self.result, self.duration) {
            (RunResult::Up, Some(duration)) if slow.is_some_and(|slow| duration > slow) => {
                let reason = Some(Reason::public(format!("slow: took {}ms", duration.as_millis())));
                Self { result: RunResult::Degraded, reason, ..self }
            }
            _ => self,
        }
    }
}

pub(super) fn timed_out(timeout: Duration) -> Reason {
    Reason::public(format!("timed out after {timeout:?}"))
}

fn describe(outcome: RunOutcome, timeout: Duration, memo: &MaskMemo) -> (Option<Reason>, DetailList) {
    match outcome {
        RunOutcome::Returned(Outcome { cause, details, .. }) => {
            let reason = cause.map(|cause| match cause {
                Cause::Message(message) => {
                    let masked = memo.masked(ErrorTexts::of_message(&message), ErrorTexts::masked);
                    if *masked == *message { Reason::public(message) } else { Reason::public(masked.to_string()) }
                }
                Cause::Error(ErrorSummary { public, texts }) => {
                    let error_chain = Some(memo.masked(texts, |texts| texts.masked_or(&public)));
                    Reason { public, error_chain }
                }
            });
            (reason, details)
        }
        RunOutcome::TimedOut => (Some(timed_out(timeout)), DetailList::default()),
        RunOutcome::Panicked => (Some(Reason::public("panicked")), DetailList::default()),
        RunOutcome::RuntimeStopped => (Some(Reason::public("runtime stopped")), DetailList::default()),
    }
}

/// The result of a run as a label of spans and metrics.
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

    /// Returns the status of this run alone, without thresholds.
    pub(crate) fn status(self) -> Status {
        match self {
            Self::Up => Status::Up,
            Self::Degraded => Status::Degraded,
            Self::Down | Self::TimedOut | Self::Panicked | Self::RuntimeStopped => Status::Down,
        }
    }

    /// Whether the run counts towards `success_threshold`; a failed run counts towards `failure_threshold`.
    pub(crate) fn is_good(self) -> bool {
        self.status() != Status::Down
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

impl From<&RunOutcome> for RunResult {
    fn from(outcome: &RunOutcome) -> Self {
        match outcome {
            RunOutcome::Returned(outcome) => match outcome.status {
                Status::Up => Self::Up,
                Status::Degraded => Self::Degraded,
                Status::Unknown | Status::Down => Self::Down,
            },
            RunOutcome::TimedOut => Self::TimedOut,
            RunOutcome::Panicked => Self::Panicked,
            RunOutcome::RuntimeStopped => Self::RuntimeStopped,
        }
    }
}
