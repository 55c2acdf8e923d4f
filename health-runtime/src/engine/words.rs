//! What the application says of a reported check: of several words the worst counts.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::cell::Cell;
use crate::outcome::Outcome;
use crate::status::Status;
use crate::verdict::End;

/// The words of all reporters of one check.
#[derive(Clone)]
pub(crate) struct Words {
    cell: Arc<Cell>,
    said: Arc<Mutex<Said>>,
}

#[derive(Default)]
struct Said {
    next: u64,
    by_reporter: BTreeMap<u64, Word>,
}

#[derive(Debug, Clone)]
struct Word {
    status: Status,
    reason: Cow<'static, str>,
}

impl Words {
    pub(super) fn new(cell: Arc<Cell>) -> Self {
        Self { cell, said: Arc::default() }
    }

    /// An id for one more reporter, which has not spoken yet.
    pub(crate) fn admit(&self) -> u64 {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.next += 1;
        said.next
    }

    pub(crate) fn say(&self, reporter: u64, status: Status, reason: Cow<'static, str>) {
        self.change(|said| {
            said.by_reporter.insert(reporter, Word { status, reason });
            true
        });
    }

    pub(crate) fn take_back(&self, reporter: u64) {
        self.change(|said| said.by_reporter.remove(&reporter).is_some());
    }

    /// The check is told while the words are held, so that of two reporters the later one has the last word. Readers
    /// of the check take no part in this lock.
    fn change(&self, change: impl FnOnce(&mut Said) -> bool) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if change(&mut said) {
            // The first of the worst, so that the reason does not jump between two that are equally bad.
            let worst = said.by_reporter.values().reduce(|worst, word| if word.status > worst.status { word } else { worst });
            self.cell.report(worst.cloned().map(|word| End::Said(word.outcome())));
        }
    }
}

impl Word {
    fn outcome(self) -> Outcome {
        match self.status {
            Status::Up => Outcome::up(),
            Status::Degraded => Outcome::degraded(self.reason),
            Status::Unknown | Status::Down => Outcome::down(self.reason),
        }
    }
}
