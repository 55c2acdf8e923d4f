//! One simulation: one policy in one scenario, on a paused clock.

use std::sync::Arc;
use std::time::Duration;

use health_tests::random::Random;
use tokio::runtime::Builder;
use tokio::time::{Instant, sleep_until};

use super::balancer::{ENVOY, LOAD_BALANCER};
use super::clients::{Causes, Clients, WayCounts};
use super::dependency::Queries;
use super::fleet::{Fleet, Probers};
use super::policy::Policy;
use super::scenario::{START_UP, Scenario, WARM_UP};

/// How often clients act.
const TICK: Duration = Duration::from_millis(250);
const TICKS_PER_SAMPLE: u32 = 4;

/// One second of a simulation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// The share of replicas that the kubelet reports as ready.
    pub(crate) ready: f64,
    /// The queries that reached the dependency, for each replica.
    pub(crate) queries: f64,
    /// The share of requests that failed.
    pub(crate) failed: f64,
    /// The restarts so far, for each replica.
    pub(crate) restarts: f64,
}

/// What one simulation showed after startup.
#[derive(Debug, Clone)]
pub(crate) struct Figures {
    /// The smallest share of replicas that the kubelet reported as ready.
    pub(crate) min_ready: f64,
    /// The requests over the Service, through Envoy and through the load balancer.
    pub(crate) ways: Vec<WayCounts>,
    pub(crate) causes: Causes,
    pub(crate) restarts: u32,
    /// The largest query rate once the dependency returns, relative to the steady one.
    pub(crate) recovery_peak: f64,
    /// Queries of checks for each replica and second.
    pub(crate) check_rate: f64,
    /// From the cut until no endpoint is cut off.
    pub(crate) out_after: Option<Duration>,
    pub(crate) samples: Vec<Sample>,
}

/// Runs `scenario` with a fleet of this size and these probers. Equal seeds have equal figures.
pub(crate) fn simulate(policy: Policy, scenario: &Scenario, replicas: usize, seed: u64) -> Figures {
    on_paused_clock(async {
        let probers = Probers { readiness_period: Duration::from_secs(5), balancers: vec![ENVOY, LOAD_BALANCER] };
        let fleet = Fleet::start(policy, replicas, probers, Random::seeded(seed));
        follow(&fleet, scenario).await
    })
}

/// Runs `simulation` in a runtime whose clock only waits move.
pub(crate) fn on_paused_clock<F: Future>(simulation: F) -> F::Output {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(simulation)
}

async fn follow(fleet: &Arc<Fleet>, scenario: &Scenario) -> Figures {
    let began = Instant::now();
    let mut clients = Clients::new(fleet.routed().len(), TICK);
    let (mut samples, mut out_after) = (Vec::new(), None);
    let (mut fault, mut last) = (scenario.fault_at(Duration::ZERO), Counts::default());
    let ticks = scenario.length().div_duration_f64(TICK) as u32;
    for tick in 0..ticks {
        let time = TICK * tick;
        sleep_until(began + time).await;
        if scenario.fault_at(time) != fault {
            fault = scenario.fault_at(time);
            fleet.set_fault(fault);
        }
        if time == START_UP {
            clients.reset();
        }
        clients.send(fleet);
        if out_after.is_none() && is_every_cut_off_replica_out(fleet) {
            out_after = Some(time.saturating_sub(scenario.cut_off_at()));
        }
        if tick % TICKS_PER_SAMPLE == 0 {
            let counts = Counts::read(fleet, &clients);
            samples.push(counts.since(last, fleet));
            last = counts;
        }
    }
    figures(fleet, scenario, &clients, out_after, samples)
}

/// Whether some replica is cut off, and none of those gets requests of the Service.
fn is_every_cut_off_replica_out(fleet: &Fleet) -> bool {
    let is_cut_off = |index: usize| fleet.replica(index).link.is_cut_off();
    (0..fleet.replicas().len()).any(is_cut_off) && !fleet.endpoints().into_iter().any(is_cut_off)
}

/// What was counted so far.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    queries: Queries,
    sent: f64,
    failed: f64,
}

impl Counts {
    fn read(fleet: &Fleet, clients: &Clients) -> Self {
        let sum = |count: fn(&WayCounts) -> f64| clients.counts().map(count).sum();
        let (sent, failed) = (sum(|way| way.sent.total()), sum(|way| way.failed.total()));
        Self { queries: fleet.dependency.queries(), sent, failed }
    }

    fn since(self, last: Self, fleet: &Fleet) -> Sample {
        let replicas = fleet.replicas().len();
        let ready = (0..replicas).filter(|index| fleet.is_ready(*index)).count();
        let queries = self.queries.total() - last.queries.total();
        let failed = (self.failed - last.failed) / (self.sent - last.sent).max(1.0);
        let for_each = |count: f64| count / replicas as f64;
        Sample {
            ready: for_each(ready as f64),
            queries: for_each(queries),
            failed: failed.max(0.0),
            restarts: for_each(f64::from(restarts(fleet))),
        }
    }
}

fn restarts(fleet: &Fleet) -> u32 {
    fleet.replicas().iter().map(super::replica::Replica::restarts).sum()
}

fn figures(fleet: &Fleet, scenario: &Scenario, clients: &Clients, out_after: Option<Duration>, samples: Vec<Sample>) -> Figures {
    // The first sample is empty; sample `n` is about the second before `n`.
    let between = |from: Duration, to: Duration| {
        let (from, to) = (from.as_secs() as usize + 1, to.as_secs() as usize + 1);
        samples.iter().take(to).skip(from)
    };
    let steady = between(START_UP, WARM_UP);
    let steady = steady.clone().map(|sample| sample.queries).sum::<f64>() / steady.count() as f64;
    let peak = between(scenario.recovers_at(), scenario.length()).map(|sample| sample.queries).fold(0.0, f64::max);
    let seconds = scenario.length().as_secs_f64();
    Figures {
        min_ready: between(START_UP, scenario.length()).map(|sample| sample.ready).fold(1.0, f64::min),
        ways: clients.counts().copied().collect(),
        causes: clients.causes,
        restarts: restarts(fleet),
        recovery_peak: peak / steady,
        check_rate: fleet.dependency.queries().checks as f64 / (fleet.replicas().len() as f64 * seconds),
        out_after,
        samples,
    }
}
