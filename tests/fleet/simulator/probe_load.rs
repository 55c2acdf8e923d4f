//! The load of probes on the dependency.

use std::time::Duration;

use health_tests::random::Random;
use tokio::time::sleep;

use super::balancer::{BalancerSettings, ENVOY};
use super::fleet::{Fleet, Probers};
use super::policy::Policy;
use super::simulation::on_paused_clock;

/// Until all replicas run, and what is measured then.
const START_UP: Duration = Duration::from_secs(20);
const MEASURED: Duration = Duration::from_mins(1);
/// Each prober probes each replica this often, which is the default cache time of a check.
const PERIOD: Duration = Duration::from_secs(1);

/// Returns the queries of checks for each replica and second, with five probers: the kubelet and four balancers.
pub(crate) fn probe_load(policy: Policy, replicas: usize, seed: u64) -> f64 {
    on_paused_clock(async {
        let balancers = vec![BalancerSettings { period: PERIOD, ..ENVOY }; 4];
        let probers = Probers { readiness_period: PERIOD, balancers };
        let fleet = Fleet::start(policy, replicas, probers, Random::seeded(seed));
        sleep(START_UP).await;
        let before = fleet.dependency.queries().checks;
        sleep(MEASURED).await;
        let queries = fleet.dependency.queries().checks - before;
        queries as f64 / (replicas as f64 * MEASURED.as_secs_f64())
    })
}
