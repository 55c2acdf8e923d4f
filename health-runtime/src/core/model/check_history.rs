//! What is remembered of the changes of a check.

use std::collections::VecDeque;

use tokio::time::Instant;

use crate::core::events::timeline::Minute;
use crate::core::model::status::Status;
use crate::core::model::verdict::Why;
use crate::text::truncate::truncate;

/// How many changes are remembered.
const KEPT: usize = 8;

/// The most bytes that are remembered of a reason.
const LONGEST_REASON: usize = 160;

/// What is remembered of the changes of a check.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    /// When it changed last.
    pub(crate) since: Option<Instant>,
    /// Changes so far.
    pub(crate) transitions: u64,
    /// The id under which the log has its present error.
    pub(crate) error_id: Option<String>,
    /// The latest changes, the oldest of them first.
    pub(crate) changes: VecDeque<Change>,
    /// The last hour, the oldest minute first, in the copy that a reader gets.
    #[cfg_attr(not(feature = "page"), expect(dead_code, reason = "only the page shows it"))]
    pub(crate) hour: Vec<Minute>,
}

/// One change.
#[derive(Debug, Clone)]
#[cfg_attr(not(feature = "page"), expect(dead_code, reason = "only the page shows it"))]
pub(crate) struct Change {
    pub(crate) at: Instant,
    pub(crate) to: Status,
    /// As every reader may see it, and cut short.
    pub(crate) why: Option<String>,
}

impl Record {
    /// Of a check that has not changed yet.
    pub(crate) const NONE: &Self =
        &Self { since: None, transitions: 0, error_id: None, changes: VecDeque::new(), hour: Vec::new() };

    pub(crate) fn turn(&mut self, at: Instant, to: Status, why: Option<&Why>, error_id: Option<String>) {
        if self.changes.len() == KEPT {
            self.changes.pop_front();
        }
        let why = why.map(|why| truncate(&why.public, LONGEST_REASON).into_owned());
        self.changes.push_back(Change { at, to, why });
        self.since = Some(at);
        self.transitions += 1;
        self.error_id = error_id;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_changes_are_kept_and_their_reasons_cut_short() {
        let mut record = Record::default();
        for number in 0..20_usize {
            let why = Why::public(format!("{number} {}", "€".repeat(200)));
            record.turn(Instant::now(), Status::Down, Some(&why), None);
        }
        assert_eq!((record.changes.len(), record.transitions), (KEPT, 20));
        let whys: Vec<&str> = record.changes.iter().filter_map(|change| change.why.as_deref()).collect();
        assert_eq!(whys[7], format!("19 {}…", "€".repeat(52)));
        assert!(whys[0].starts_with("12 "), "{whys:?}");
    }
}
