//! Which instances there are.

use std::collections::VecDeque;
use std::net::SocketAddr;

use super::policy::PeerPolicy;
use super::votes::{Decision, Votes};
use crate::core::model::sort::sort_and_dedup;

/// How many numbers of instances are remembered, one for each lookup while the check was good.
const MAX_SIZES: usize = 10;

/// After this many questions in a row to which all answers were failures, the answers before do not count for those that
/// follow: the failure was everywhere, and is not any more.
const QUESTIONS_OF_AN_OUTAGE: usize = 5;

/// The addresses of the last lookup that succeeded, how many instances there were before the check failed, and at how many of them it
/// fails.
#[derive(Debug, Default)]
pub(super) struct Directory {
    addresses: Vec<SocketAddr>,
    sizes: VecDeque<usize>,
    /// The answers since the check was good, or since an outage of all.
    answers: Votes,
    /// To how many questions in a row all answers were failures.
    failures_everywhere: usize,
}

impl Directory {
    pub(super) fn set(&mut self, mut addresses: Vec<SocketAddr>) {
        sort_and_dedup(&mut addresses);
        self.addresses = addresses;
    }

    /// Remembers the number of instances. Called only while the check is good: a failure must not lower what counts as normal.
    pub(super) fn remember_size(&mut self) {
        self.sizes.push_back(self.addresses.len());
        if self.sizes.len() > MAX_SIZES {
            self.sizes.pop_front();
        }
    }

    /// Forgets the answers about an earlier failure.
    pub(super) fn forget_answers(&mut self) {
        (self.answers, self.failures_everywhere) = (Votes::default(), 0);
    }

    pub(super) fn count(&mut self, votes: Votes) {
        if votes.decision() == Decision::Everywhere {
            self.failures_everywhere += 1;
        } else if std::mem::take(&mut self.failures_everywhere) >= QUESTIONS_OF_AN_OUTAGE {
            self.answers = Votes::default();
        }
        self.answers.answered = self.answers.answered.saturating_add(votes.answered);
        self.answers.failing = self.answers.failing.saturating_add(votes.failing);
    }

    /// Whether another instance may be there.
    pub(super) fn has_peers(&self) -> bool {
        self.largest_size() > 1
    }

    fn largest_size(&self) -> usize {
        self.sizes.iter().copied().chain([self.addresses.len()]).max().unwrap_or_default()
    }

    /// Returns why this instance must stay in rotation: too few others would.
    ///
    /// A lookup shows those that have left only many seconds later, so those at which the check fails do not count either.
    pub(super) fn too_few_stay(&self, keep: f64) -> Option<String> {
        let (listed, largest) = (number(self.addresses.len()), self.largest_size());
        let (answered, failing) = (number(self.answers.answered), number(self.answers.failing));
        let good_part = if answered > 0.0 { 1.0 - failing / answered } else { 1.0 };
        let stay = (listed - 1.0).min(listed * good_part);
        let needed = keep * number(largest);
        let reason = || format!("down here, and fewer than {} of {largest} instances would stay in rotation", needed.ceil());
        (self.has_peers() && stay < needed).then(reason)
    }

    /// Returns at most `count` addresses, chosen at random.
    pub(super) fn choose(&self, policy: &PeerPolicy, count: usize) -> Vec<SocketAddr> {
        let mut rest = self.addresses.clone();
        let mut chosen = Vec::with_capacity(count);
        while chosen.len() < count && !rest.is_empty() {
            let index = policy.network.random() % u64::try_from(rest.len()).unwrap_or(u64::MAX);
            chosen.push(rest.swap_remove(usize::try_from(index).unwrap_or_default()));
        }
        chosen
    }
}

fn number(instances: usize) -> f64 {
    f64::from(u32::try_from(instances).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(listed: u8, before: u8) -> Directory {
        let mut directory = Directory::default();
        for size in [before, listed] {
            directory.set((0..size).map(|index| SocketAddr::from(([10, 0, 0, index], 80))).collect());
            directory.remember_size();
        }
        directory
    }

    fn votes(answered: usize, failing: usize) -> Votes {
        Votes { answered, failing, ..Votes::default() }
    }

    #[test]
    fn f4_an_instance_stays_where_too_few_others_would() {
        let text = |needed, of| Some(format!("down here, and fewer than {needed} of {of} instances would stay in rotation"));
        for (listed, before, answers, keep, expected) in [
            (12, 12, &[][..], 0.5, None),
            (7, 12, &[], 0.5, None),
            (6, 12, &[], 0.5, text(6, 12)),
            (12, 12, &[votes(3, 1)], 0.5, None),
            (12, 12, &[votes(3, 2)], 0.5, text(6, 12)),
            (12, 12, &[votes(3, 2), votes(3, 0), votes(3, 1)], 0.5, None),
            (12, 12, &[votes(3, 2), votes(3, 2), votes(3, 1)], 0.5, text(6, 12)),
            (12, 12, &[votes(0, 0)], 0.5, None),
            (12, 12, &[votes(3, 3), votes(3, 3), votes(3, 3), votes(3, 3), votes(3, 0)], 0.5, text(6, 12)),
            (12, 12, &[votes(3, 3), votes(3, 3), votes(3, 3), votes(3, 3), votes(3, 3), votes(3, 0)], 0.5, None),
            (3, 3, &[], 0.7, text(3, 3)),
            (3, 3, &[], 1.0, text(3, 3)),
            (3, 12, &[votes(3, 3)], 0.0, None),
            (2, 2, &[], 0.5, None),
            (1, 1, &[], 0.5, None),
            (0, 0, &[], 0.5, None),
        ] {
            let mut directory = directory(listed, before);
            for votes in answers {
                directory.count(*votes);
            }
            assert_eq!(directory.too_few_stay(keep), expected, "{listed} of {before}, {answers:?}, {keep}");
            directory.forget_answers();
            assert_eq!(directory.too_few_stay(keep), self::directory(listed, before).too_few_stay(keep));
        }
    }

    #[test]
    fn f4_the_largest_number_is_that_of_ten_lookups() {
        let mut directory = directory(3, 12);
        for _ in 0..8 {
            directory.remember_size();
        }
        assert_eq!(directory.largest_size(), 12);
        directory.remember_size();
        assert_eq!(directory.largest_size(), 3);
    }
}
