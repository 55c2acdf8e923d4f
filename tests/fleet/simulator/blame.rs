//! Whether a policy finds out where a fault is: in the dependency, or between it and a few replicas.

use std::sync::Arc;
use std::time::Duration;

use health_tests::random::Random;
use tokio::time::{Instant, sleep};

use super::dependency::Condition;
use super::fleet::{Fleet, Probers};
use super::in_parallel;
use super::policy::Policy;
use super::scenario::{CutOff, Fault};
use super::simulation::on_paused_clock;

/// By then every replica is ready.
const START_UP: Duration = Duration::from_secs(25);
/// How long the policy and the kubelet have for their decision.
const DECISION: Duration = Duration::from_secs(30);
/// The fault begins up to this much after startup, and is observed for this much after the decision.
const PERIOD: Duration = Duration::from_secs(10);
const READINESS_PERIOD: Duration = Duration::from_secs(5);
/// The difference between the seeds of two scenarios.
const SEED_STEP: u64 = 0x0002_545f_4914_f6cd;

/// How many scenarios a policy decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Blame {
    /// The fault was everywhere.
    pub(crate) everywhere: Decided,
    /// The fault was at one or at a few replicas.
    pub(crate) here: Decided,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Decided {
    pub(crate) rightly: usize,
    pub(crate) all: usize,
}

impl Blame {
    /// Returns the share of right decisions.
    pub(crate) fn share(&self) -> f64 {
        let Self { everywhere, here } = self;
        (everywhere.rightly + here.rightly) as f64 / (everywhere.all + here.all) as f64
    }
}

/// Lets a policy decide in random scenarios. It is right if no replica leaves while the fault is everywhere, and if exactly the
/// replicas with the fault have left in time otherwise.
pub(crate) fn blame(policy: Policy, scenarios: u64, seed: u64) -> Blame {
    let numbers: Vec<u64> = (0..scenarios).collect();
    let decisions = in_parallel(&numbers, |number| {
        let mut random = Random::seeded(seed.wrapping_add(number.wrapping_mul(SEED_STEP)));
        let (replicas, is_everywhere) = (3 + random.below(48), random.below(2) == 0);
        let fault = if is_everywhere {
            Fault::Dependency([Condition::Away, Condition::Silent][random.below(2)])
        } else {
            Fault::Network(CutOff::First(1 + random.below((replicas / 5).max(1))))
        };
        (is_everywhere, on_paused_clock(is_right(policy, replicas, fault, random)))
    });
    let mut blame = Blame::default();
    for (is_everywhere, is_right) in decisions {
        let decided = if is_everywhere { &mut blame.everywhere } else { &mut blame.here };
        decided.all += 1;
        decided.rightly += usize::from(is_right);
    }
    blame
}

async fn is_right(policy: Policy, replicas: usize, fault: Fault, mut random: Random) -> bool {
    let begins_after = START_UP + random.millis(0..PERIOD.as_secs() * 1_000);
    let probers = Probers { readiness_period: READINESS_PERIOD, balancers: Vec::new() };
    let fleet = Fleet::start(policy, replicas, probers, random);
    sleep(begins_after).await;
    fleet.set_fault(fault);
    let began = Instant::now();
    while began.elapsed() < DECISION + PERIOD {
        sleep(Duration::from_secs(1)).await;
        if !is_right_now(&fleet, began.elapsed() >= DECISION) {
            return false;
        }
    }
    true
}

/// Whether the right replicas are ready. Until the decision is due those with the fault may be ready too.
fn is_right_now(fleet: &Arc<Fleet>, is_due: bool) -> bool {
    (0..fleet.replicas().len()).all(|index| {
        let (is_ready, has_fault) = (fleet.is_ready(index), fleet.replica(index).link.is_cut_off());
        is_ready != has_fault || has_fault && !is_due
    })
}
