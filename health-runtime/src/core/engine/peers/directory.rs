//! Which instances there are.

use std::collections::VecDeque;
use std::net::SocketAddr;

use super::PeerPolicy;

/// How many numbers of instances are remembered, one for each lookup while the check was good.
const MAX_SIZES: usize = 10;

/// The addresses of the last lookup that succeeded, and how many instances there were before the check failed.
#[derive(Debug, Default)]
pub(super) struct Directory {
    addresses: Vec<SocketAddr>,
    sizes: VecDeque<usize>,
}

impl Directory {
    pub(super) fn set(&mut self, mut addresses: Vec<SocketAddr>) {
        addresses.sort_unstable();
        addresses.dedup();
        self.addresses = addresses;
    }

    /// Remembers the number of instances. Called only while the check is good: a failure must not lower what counts as normal.
    pub(super) fn remember_size(&mut self) {
        self.sizes.push_back(self.addresses.len());
        if self.sizes.len() > MAX_SIZES {
            self.sizes.pop_front();
        }
    }

    /// Whether another instance may be there.
    pub(super) fn has_peers(&self) -> bool {
        self.largest_size() > 1
    }

    fn largest_size(&self) -> usize {
        self.sizes.iter().copied().chain([self.addresses.len()]).max().unwrap_or_default()
    }

    /// Returns why this instance must stay in rotation: too few others would be left.
    pub(super) fn too_few_stay(&self, keep: f64) -> Option<String> {
        let (listed, largest) = (self.addresses.len(), self.largest_size());
        let stay = listed.saturating_sub(1);
        let is_enough = count(stay) >= keep * count(largest);
        (self.has_peers() && !is_enough).then(|| format!("down here, and only {listed} of {largest} instances are in rotation"))
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

fn count(instances: usize) -> f64 {
    f64::from(u32::try_from(instances).unwrap_or(u32::MAX))
}
