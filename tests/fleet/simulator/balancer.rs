//! Balancers that probe every replica themselves: Envoy with its panic mode, and the load balancer of a cloud, which fails open.

use std::sync::Arc;
use std::time::Duration;

use health_runtime::Kind;
use tokio::time::{Instant, interval_at};

use super::fleet::Fleet;
use super::replica::Answer;

/// How a balancer probes, and where it sends requests.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BalancerSettings {
    pub(crate) period: Duration,
    pub(crate) timeout: Duration,
    pub(crate) failures: u32,
    pub(crate) successes: u32,
    /// One 503 counts as much as `failures` failed probes.
    pub(crate) ends_on_503: bool,
    /// With a smaller share of healthy replicas than this it sends requests to all.
    pub(crate) min_healthy: f64,
}

/// The active health check of Envoy: a 503 is decisive, and below 50 % it panics.
pub(crate) const ENVOY: BalancerSettings = BalancerSettings {
    period: Duration::from_secs(5),
    timeout: Duration::from_secs(1),
    failures: 2,
    successes: 2,
    ends_on_503: true,
    min_healthy: 0.5,
};

/// A load balancer of a cloud. It fails open: with no healthy replica it sends requests to all.
pub(crate) const LOAD_BALANCER: BalancerSettings = BalancerSettings {
    period: Duration::from_secs(10),
    timeout: Duration::from_secs(5),
    failures: 2,
    successes: 2,
    ends_on_503: false,
    min_healthy: f64::MIN_POSITIVE,
};

/// The replicas as one balancer sees them.
#[derive(Debug)]
pub(crate) struct Balancer {
    settings: BalancerSettings,
    replicas: Vec<Observed>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Observed {
    is_healthy: bool,
    /// Consecutive results that contradict `is_healthy`.
    contradictions: u32,
}

impl Balancer {
    pub(crate) fn new(settings: BalancerSettings, replicas: usize) -> Self {
        Self { settings, replicas: vec![Observed::default(); replicas] }
    }

    /// Returns the replicas that get requests.
    pub(crate) fn routed(&self) -> Vec<usize> {
        let healthy = |(index, replica): (usize, &Observed)| replica.is_healthy.then_some(index);
        let routed: Vec<usize> = self.replicas.iter().enumerate().filter_map(healthy).collect();
        let all = self.replicas.len();
        if (routed.len() as f64) < self.settings.min_healthy * all as f64 { (0..all).collect() } else { routed }
    }

    fn apply(&mut self, index: usize, answer: Answer) {
        let BalancerSettings { failures, successes, ends_on_503, .. } = self.settings;
        let Some(replica) = self.replicas.get_mut(index) else { return };
        let is_good = answer == Answer::Good;
        if is_good == replica.is_healthy {
            replica.contradictions = 0;
            return;
        }
        replica.contradictions += 1;
        let needed = if is_good { successes } else { failures };
        if replica.contradictions >= needed || ends_on_503 && answer == Answer::Bad {
            *replica = Observed { is_healthy: is_good, contradictions: 0 };
        }
    }
}

/// Probes one replica for the rest of the simulation, from `delay` on.
pub(crate) async fn run(fleet: Arc<Fleet>, balancer: usize, settings: BalancerSettings, index: usize, delay: Duration) {
    let mut ticks = interval_at(Instant::now() + delay, settings.period);
    loop {
        ticks.tick().await;
        let answer = fleet.replica(index).probe(Kind::Readiness, settings.timeout).await;
        fleet.with_balancer(balancer, |balancer| balancer.apply(index, answer));
    }
}
