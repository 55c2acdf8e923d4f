//! What the application says of a reported check: of several words the worst counts.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

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
    at: Instant,
}

impl Said {
    /// The worst word, the first of several, so that the reason does not jump between two that are equally bad; and how old
    /// what they all say is. A failure is as fresh as the last one who tells of it. That all is well is as old as the word of
    /// the one who has been silent for longest.
    fn worst(&self) -> Option<Word> {
        let words = || self.by_reporter.values();
        let worst = words().reduce(|worst, word| if word.status > worst.status { word } else { worst })?;
        let at = if worst.status == Status::Down {
            words().filter(|word| word.status == worst.status).map(|word| word.at).max()
        } else {
            words().map(|word| word.at).min()
        };
        Some(Word { at: at.unwrap_or(worst.at), ..worst.clone() })
    }
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
        self.change(true, |said| {
            said.by_reporter.insert(reporter, Word { status, reason, at: Instant::now() });
            true
        });
    }

    pub(crate) fn take_back(&self, reporter: u64) {
        self.change(false, |said| said.by_reporter.remove(&reporter).is_some());
    }

    /// The check is told while the words are held, so that of two reporters the later one has the last word. Readers
    /// of the check take no part in this lock.
    fn change(&self, spoke: bool, change: impl FnOnce(&mut Said) -> bool) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if change(&mut said) {
            self.cell.report(said.worst().map(|word| (word.at, End::Said(word.outcome()))), spoke);
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
