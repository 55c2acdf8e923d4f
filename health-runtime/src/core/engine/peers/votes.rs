//! What the asked peers answered.

use std::fmt;

use crate::core::model::status::Status;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Votes {
    pub(super) answered: usize,
    pub(super) failing: usize,
}

/// Where a check fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// At every peer that answered.
    Everywhere,
    /// Not at some peer, or no peer answered.
    Here,
}

impl Votes {
    /// Counts an answer. A missing one does not count, nor does a check without a result.
    pub(super) fn add(&mut self, status: Option<Status>) {
        let (answered, failing) = match status {
            Some(Status::Up | Status::Degraded) => (1, 0),
            Some(Status::Down) => (1, 1),
            Some(Status::Unknown) | None => (0, 0),
        };
        self.answered += answered;
        self.failing += failing;
    }

    pub(super) fn decision(self) -> Decision {
        if self.failing > 0 && self.failing == self.answered { Decision::Everywhere } else { Decision::Here }
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
    fn only_a_failure_at_every_peer_that_answered_is_everywhere() {
        use Status::{Degraded, Down, Unknown, Up};
        for (answers, decision, text) in [
            (&[][..], Decision::Here, "down here and at 0 of 0 peers"),
            (&[None, Some(Unknown)], Decision::Here, "down here and at 0 of 0 peers"),
            (&[Some(Down)], Decision::Everywhere, "down here and at 1 of 1 peer"),
            (&[Some(Down), None, Some(Unknown)], Decision::Everywhere, "down here and at 1 of 1 peer"),
            (&[Some(Down), Some(Down), Some(Down)], Decision::Everywhere, "down here and at 3 of 3 peers"),
            (&[Some(Down), Some(Down), Some(Up)], Decision::Here, "down here and at 2 of 3 peers"),
            (&[Some(Down), Some(Degraded)], Decision::Here, "down here and at 1 of 2 peers"),
        ] {
            let mut votes = Votes::default();
            for answer in answers {
                votes.add(*answer);
            }
            assert_eq!((votes.decision(), &*votes.to_string()), (decision, text), "{answers:?}");
        }
    }
}
