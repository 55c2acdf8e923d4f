//! What the application says of a reported check: of several words the worst counts.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::check_runner::Cell;
use crate::core::model::outcome::Outcome;
use crate::core::model::status::Status;
use crate::core::model::verdict::{End, Finished, RunResult, Verdict};

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
    fn worst(&self) -> Option<Finished> {
        let words = || self.by_reporter.values();
        let worst = words().reduce(|worst, word| if word.status > worst.status { word } else { worst })?;
        let at = if worst.status == Status::Down {
            words().filter(|word| word.status == worst.status).map(|word| word.at).max()
        } else {
            words().map(|word| word.at).min()
        };
        let end = End::Said(worst.clone().outcome());
        Some(Finished::new(end, None, at.unwrap_or(worst.at), Duration::ZERO))
    }
}

impl Words {
    pub(super) fn new(cell: Arc<Cell>) -> Self {
        Self { cell, said: Arc::default() }
    }

    /// An id for one more reporter, which has not spoken yet.
    pub(crate) fn admit(&self) -> u64 {
        let mut said = self.said();
        said.next += 1;
        said.next
    }

    pub(crate) fn say(&self, reporter: u64, status: Status, reason: Cow<'static, str>) {
        let mut said = self.said();
        said.by_reporter.insert(reporter, Word { status, reason, at: Instant::now() });
        // The check is changed while the words are held, so that of two reporters the later one has the last word. Who is told
        // of it may be a reporter itself.
        let spoken = said.worst().map(|said| {
            let result = said.result;
            self.cell.word(said);
            result
        });
        drop(said);
        self.cell.tell_word(spoken);
    }

    pub(crate) fn take_back(&self, reporter: u64) {
        let mut said = self.said();
        if said.by_reporter.remove(&reporter).is_none() {
            return;
        }
        self.cell.no_word(said.worst());
        drop(said);
        self.cell.tell_word(None);
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
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

impl Cell {
    /// A reporter has spoken, and this is what all of them say now.
    fn word(&self, said: Finished) {
        self.board.note(|standing| self.judge(standing, said, false));
    }

    /// A reporter has taken its word back; `rest` is what the others say, if anybody does.
    fn no_word(&self, rest: Option<Finished>) {
        self.board.note(|standing| {
            if !standing.settled {
                let verdict = rest.map(|rest| Verdict::without_a_word(standing.verdict.as_deref(), rest));
                standing.verdict = verdict.map(Arc::new);
            }
        });
    }

    /// Tells of either. `spoken`: what all say, where one has spoken just now.
    fn tell_word(&self, spoken: Option<RunResult>) {
        let now = Instant::now();
        if let Some(result) = spoken {
            self.meters.reported(self.index, result, now);
        }
        self.tell(now);
    }
}
