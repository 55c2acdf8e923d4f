//! The endpoints of a Service: the ready replicas as kube-proxy and the DNS server see them, after a delay.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;
use std::time::Duration;

use health_tests::random::Random;
use tokio::time::Instant;

/// From the kubelet's report to a change in kube-proxy and in the DNS server.
const PROPAGATION_MILLIS: Range<u64> = 500..2_000;
/// How long the DNS server answers with one list.
const TTL: Duration = Duration::from_secs(5);
/// A DNS message has at most 65,535 bytes, which limits its IPv4 records.
const MAX_RECORDS: usize = 4_094;

/// The endpoints of one Service.
#[derive(Debug)]
pub(crate) struct Endpoints {
    replicas: Vec<Endpoint>,
    /// Changes on their way, the earliest first: time, number of the change, replica, whether it is ready.
    changes: BinaryHeap<Reverse<(Instant, u64, usize, bool)>>,
    changes_so_far: u64,
    /// The list that the DNS server returns, and until when.
    records: Vec<usize>,
    records_until: Instant,
}

#[derive(Debug, Clone, Copy)]
struct Endpoint {
    /// The last report of the kubelet.
    is_ready: bool,
    /// What kube-proxy and the DNS server see.
    is_listed: bool,
    /// When the last change arrives.
    arrives_at: Instant,
}

impl Endpoints {
    pub(crate) fn new(replicas: usize) -> Self {
        let now = Instant::now();
        let replica = Endpoint { is_ready: false, is_listed: false, arrives_at: now };
        let (changes, records) = (BinaryHeap::new(), Vec::new());
        Self { replicas: vec![replica; replicas], changes, changes_so_far: 0, records, records_until: now }
    }

    /// Applies a report of the kubelet.
    pub(crate) fn set_ready(&mut self, index: usize, is_ready: bool, random: &mut Random) {
        let Some(replica) = self.replicas.get_mut(index) else { return };
        if replica.is_ready != is_ready {
            replica.is_ready = is_ready;
            // A later change never overtakes an earlier one.
            replica.arrives_at = replica.arrives_at.max(Instant::now() + random.millis(PROPAGATION_MILLIS));
            self.changes_so_far += 1;
            self.changes.push(Reverse((replica.arrives_at, self.changes_so_far, index, is_ready)));
        }
    }

    /// Whether the kubelet reports the replica as ready.
    pub(crate) fn is_ready(&self, index: usize) -> bool {
        self.replicas.get(index).is_some_and(|replica| replica.is_ready)
    }

    /// Returns the replicas to which kube-proxy sends requests.
    pub(crate) fn listed(&mut self) -> Vec<usize> {
        let now = Instant::now();
        while self.changes.peek().is_some_and(|Reverse((at, ..))| *at <= now) {
            let Some(Reverse((_, _, index, is_ready))) = self.changes.pop() else { break };
            if let Some(replica) = self.replicas.get_mut(index) {
                replica.is_listed = is_ready;
            }
        }
        self.replicas.iter().enumerate().filter(|(_, replica)| replica.is_listed).map(|(index, _)| index).collect()
    }

    /// Returns the replicas that the DNS server lists for the headless Service.
    pub(crate) fn resolve(&mut self, random: &mut Random) -> &[usize] {
        let now = Instant::now();
        if now >= self.records_until {
            self.records = self.listed();
            while self.records.len() > MAX_RECORDS {
                self.records.swap_remove(random.below(self.records.len()));
            }
            self.records_until = now + TTL;
        }
        &self.records
    }
}
