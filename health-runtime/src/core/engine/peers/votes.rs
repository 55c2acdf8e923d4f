//! What the asked peers answered.

use std::fmt;
use std::time::Duration;

use super::network::PeerAnswer;
use crate::core::model::status::Status;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Votes {
    pub(super) answered: usize,
    pub(super) failing: usize,
    /// How many are good since the failure here began.
    pub(super) confirmed_good: usize,
}

/// Where a check fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// At every peer that answered.
    Everywhere,
    /// At no peer that answered, and one of them was good after the failure here began.
    OnlyHere,
    /// At some peers, or no peer answered, or the results of all are too old.
    Unclear,
}

impl Votes {
    /// Counts an answer to a check that fails here for `failing_for`. A missing answer does not count, nor does a check without a
    /// result.
    pub(super) fn add(&mut self, answer: Option<PeerAnswer>, failing_for: Duration) {
        match answer {
            Some(PeerAnswer { status: Status::Up | Status::Degraded, age }) => {
                self.answered += 1;
                self.confirmed_good += usize::from(age <= failing_for);
            }
            Some(PeerAnswer { status: Status::Down, .. }) => {
                self.answered += 1;
                self.failing += 1;
            }
            Some(PeerAnswer { status: Status::Unknown, .. }) | None => {}
        }
    }

    pub(super) fn decision(self) -> Decision {
        match self {
            Self { failing: 0, confirmed_good: 1.., .. } => Decision::OnlyHere,
            Self { answered, failing, .. } if failing > 0 && failing == answered => Decision::Everywhere,
            Self { .. } => Decision::Unclear,
        }
    }
}

impl fmt::Display for Votes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.answered == 1 { "peer" } else { "peers" };
        write!(f, "down here and at {} of {} {noun}", self.failing, self.answered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f1_the_answers_decide_where_the_check_fails() {
        use Decision::{Everywhere, OnlyHere, Unclear};
        let answer = |status: Status, age: u64| Some(PeerAnswer { status, age: Duration::from_millis(age) });
        let [down, unknown] = [Status::Down, Status::Unknown].map(|status| answer(status, 10));
        let [good, old] = [20, 21].map(|age| answer(Status::Up, age));
        for (answers, decision, text) in [
            (&[][..], Unclear, "down here and at 0 of 0 peers"),
            (&[None, unknown], Unclear, "down here and at 0 of 0 peers"),
            (&[down], Everywhere, "down here and at 1 of 1 peer"),
            (&[down, None, unknown], Everywhere, "down here and at 1 of 1 peer"),
            (&[down, down, down], Everywhere, "down here and at 3 of 3 peers"),
            (&[down, down, good], Unclear, "down here and at 2 of 3 peers"),
            (&[good, old, old], OnlyHere, "down here and at 0 of 3 peers"),
            (&[answer(Status::Degraded, 0), None], OnlyHere, "down here and at 0 of 1 peer"),
            (&[old, old, old], Unclear, "down here and at 0 of 3 peers"),
        ] {
            let mut votes = Votes::default();
            for answer in answers {
                votes.add(*answer, Duration::from_millis(20));
            }
            assert_eq!((votes.decision(), &*votes.to_string()), (decision, text), "{answers:?}");
        }
    }
}
