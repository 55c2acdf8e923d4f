//! Clients: a steady rate of requests over three ways to the fleet, of which some need the dependency. They are counted as a flow,
//! not one by one.

use std::collections::VecDeque;
use std::ops::AddAssign;
use std::time::Duration;

use super::fleet::Fleet;

/// Requests a second for each replica of the fleet, over all ways.
const RATE: f64 = 10.0;
/// The share of requests that need the dependency.
const NEEDING: f64 = 0.3;
/// The requests a second that one replica can serve.
const REPLICA_CAPACITY: f64 = 25.0;
/// A client sends a failed request once more, after this time.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Requests by what they need.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Requests {
    pub(crate) plain: f64,
    /// They need the dependency.
    pub(crate) needing: f64,
}

impl AddAssign for Requests {
    fn add_assign(&mut self, other: Self) {
        self.plain += other.plain;
        self.needing += other.needing;
    }
}

impl Requests {
    pub(crate) fn total(self) -> f64 {
        self.plain + self.needing
    }

    fn scaled(self, factor: f64) -> Self {
        Self { plain: self.plain * factor, needing: self.needing * factor }
    }
}

/// Why requests failed for good.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Causes {
    /// The way has no replica.
    pub(crate) no_replica: f64,
    /// The replica does not run.
    pub(crate) stopped: f64,
    /// The replica has too many requests.
    pub(crate) overload: f64,
    pub(crate) dependency: f64,
}

/// The requests over one way so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct WayCounts {
    pub(crate) sent: Requests,
    pub(crate) failed: Requests,
    /// The smallest share of the fleet that got requests and ran, after startup.
    pub(crate) min_capacity: f64,
}

pub(crate) struct Clients {
    tick: Duration,
    ways: Vec<Way>,
    pub(crate) causes: Causes,
}

struct Way {
    counts: WayCounts,
    /// Requests that clients send again, the next tick first.
    retries: VecDeque<Requests>,
}

/// What becomes of the requests to the replicas of one way.
#[derive(Default)]
struct Shares {
    running: f64,
    served: f64,
    /// Served by a replica with a connection to the dependency.
    connected: f64,
}

impl Clients {
    /// Creates clients over `ways` ways that act every `tick`.
    pub(crate) fn new(ways: usize, tick: Duration) -> Self {
        let delay = RETRY_AFTER.div_duration_f64(tick) as usize;
        let counts = WayCounts { min_capacity: 1.0, ..WayCounts::default() };
        let way = |_| Way { counts, retries: vec![Requests::default(); delay].into() };
        Self { tick, ways: (0..ways).map(way).collect(), causes: Causes::default() }
    }

    pub(crate) fn counts(&self) -> impl Iterator<Item = &WayCounts> {
        self.ways.iter().map(|way| &way.counts)
    }

    /// Forgets what happened so far.
    pub(crate) fn reset(&mut self) {
        self.causes = Causes::default();
        for way in &mut self.ways {
            way.counts = WayCounts { min_capacity: 1.0, ..WayCounts::default() };
        }
    }

    /// Sends the requests of one tick.
    pub(crate) fn send(&mut self, fleet: &Fleet) {
        let seconds = self.tick.as_secs_f64();
        let (replicas, routed) = (fleet.replicas(), fleet.routed());
        let rate = RATE * replicas.len() as f64 / self.ways.len() as f64 * seconds;
        let first = Requests { plain: rate * (1.0 - NEEDING), needing: rate * NEEDING };
        let again: Vec<Requests> = self.ways.iter_mut().map(|way| way.retries.pop_front().unwrap_or_default()).collect();

        let mut loads = vec![0.0; replicas.len()];
        for (indices, again) in routed.iter().zip(&again) {
            let load = (first.total() + again.total()) / indices.len() as f64;
            for index in indices {
                loads[*index] += load;
            }
        }
        let served: Vec<Shares> = routed.iter().map(|indices| served(fleet, indices, &loads, seconds)).collect();
        let parts = || served.iter().zip(&again);
        let flow: f64 = parts().map(|(served, again)| (first.needing + again.needing) * served.connected).sum();
        let answered = fleet.dependency.set_flow(flow / seconds);

        for (number, (served, again)) in parts().enumerate() {
            let way = &mut self.ways[number];
            let failing = Requests { plain: 1.0 - served.served, needing: 1.0 - served.connected * answered };
            let fails = |sent: Requests| Requests { plain: sent.plain * failing.plain, needing: sent.needing * failing.needing };
            way.retries.push_back(fails(first));
            let failed = fails(*again);
            way.counts.sent += first;
            way.counts.failed += failed;
            way.counts.min_capacity = way.counts.min_capacity.min(served.running * share(routed[number].len(), replicas.len()));
            let (stopped, overload) = (1.0 - served.running, served.running - served.served);
            let of_replicas = again.total() * (stopped + overload);
            if routed[number].is_empty() {
                self.causes.no_replica += failed.total();
            } else {
                self.causes.stopped += again.scaled(stopped).total();
                self.causes.overload += again.scaled(overload).total();
                self.causes.dependency += failed.total() - of_replicas;
            }
        }
    }
}

/// Returns what becomes of requests that are spread over these replicas.
fn served(fleet: &Fleet, indices: &[usize], loads: &[f64], seconds: f64) -> Shares {
    let mut mean = Shares::default();
    for index in indices {
        let replica = fleet.replica(*index);
        if replica.is_running() {
            let served = (REPLICA_CAPACITY * seconds / loads[*index]).min(1.0);
            mean.running += 1.0;
            mean.served += served;
            mean.connected += if replica.link.is_cut_off() { 0.0 } else { served };
        }
    }
    let count = (indices.len() as f64).max(1.0);
    Shares { running: mean.running / count, served: mean.served / count, connected: mean.connected / count }
}

fn share(part: usize, all: usize) -> f64 {
    part as f64 / all as f64
}
