//! The latest transitions of one check.

use std::fmt;

use tokio::time::Instant;

use super::timeline::LastHour;
use crate::core::model::status::Status;
use crate::core::model::verdict::Reason;
use crate::text::truncate::truncate;

/// How many changes are kept.
const MAX_CHANGES: usize = 8;

/// The maximum length of a kept reason in bytes.
const MAX_REASON_BYTES: usize = 160;

/// The latest transitions of one check.
#[derive(Debug, Clone, Default)]
pub(crate) struct CheckHistory {
    /// Number of transitions so far.
    pub(crate) transitions: u64,
    pub(crate) error_id: Option<ErrorId>,
    /// Oldest first.
    pub(crate) changes: Vec<StatusChange>,
}

/// The history of one check, copied for a reader.
#[derive(Debug, Clone, Default)]
pub(crate) struct HistorySnapshot {
    pub(crate) history: CheckHistory,
    #[cfg_attr(not(feature = "page"), expect(dead_code, reason = "only the page shows it"))]
    pub(crate) last_hour: LastHour,
}

/// Identifies the log line with an error. Differs between processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ErrorId(pub(super) u64);

impl fmt::Display for ErrorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// One change of a status.
#[cfg_attr(not(feature = "page"), expect(dead_code, reason = "only the page shows it"))]
#[derive(Debug, Clone)]
pub(crate) struct StatusChange {
    pub(crate) at: Instant,
    pub(crate) to: Status,
    /// The public reason, truncated.
    pub(crate) reason: Option<Box<str>>,
}

impl HistorySnapshot {
    /// The history of a check without a transition.
    pub(crate) const EMPTY: &Self = &Self { history: CheckHistory::EMPTY, last_hour: LastHour::EMPTY };
}

impl CheckHistory {
    const EMPTY: Self = Self { transitions: 0, error_id: None, changes: Vec::new() };

    /// Returns when the status changed last.
    pub(crate) fn since(&self) -> Option<Instant> {
        self.changes.last().map(|change| change.at)
    }

    pub(crate) fn push(&mut self, at: Instant, to: Status, reason: Option<&Reason>, error_id: Option<ErrorId>) {
        if self.changes.len() == MAX_CHANGES {
            self.changes.remove(0);
        }
        if self.changes.is_empty() {
            // Most checks change once or twice.
            self.changes.reserve_exact(2);
        }
        let reason = reason.map(|reason| truncate(&reason.public, MAX_REASON_BYTES).into());
        self.changes.push(StatusChange { at, to, reason });
        self.transitions += 1;
        self.error_id = error_id;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_changes_are_kept_with_truncated_reasons() {
        let mut history = CheckHistory::default();
        for number in 0..20_usize {
            let reason = Reason::public(format!("{number} {}", "€".repeat(200)));
            history.push(Instant::now(), Status::Down, Some(&reason), None);
        }
        assert_eq!((history.changes.len(), history.transitions), (MAX_CHANGES, 20));
        let reasons: Vec<&str> = history.changes.iter().filter_map(|change| change.reason.as_deref()).collect();
        assert_eq!(reasons[7], format!("19 {}…", "€".repeat(52)));
        assert!(reasons[0].starts_with("12 "), "{reasons:?}");
    }
}
