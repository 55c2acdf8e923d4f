//! The parts of one simulation: replicas, the dependency, the endpoints and the balancers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use health_runtime::Health;
use health_tests::random::Random;

use super::balancer::{self, Balancer, BalancerSettings};
use super::dependency::{Condition, Dependency, Link};
use super::endpoints::Endpoints;
use super::kubelet;
use super::policy::Policy;
use super::replica::Replica;
use super::scenario::{CutOff, Fault};

/// The capacity of the dependency for one replica, in queries a second.
const CAPACITY_PER_REPLICA: f64 = 8.0;
/// The number of zones over which the replicas are spread.
const ZONES: usize = 3;
/// The first containers start within this time.
const STARTS: Duration = Duration::from_secs(10);

/// What probes the fleet.
#[derive(Debug, Clone)]
pub(crate) struct Probers {
    pub(crate) readiness_period: Duration,
    pub(crate) balancers: Vec<BalancerSettings>,
}

pub(crate) struct Fleet {
    /// For what the replicas hold of the fleet.
    this: Weak<Self>,
    pub(crate) dependency: Arc<Dependency>,
    replicas: Vec<Replica>,
    policy: Policy,
    probers: Probers,
    endpoints: Mutex<Endpoints>,
    balancers: Vec<Mutex<Balancer>>,
    random: Mutex<Random>,
}

impl Fleet {
    /// Creates a fleet of this size, and starts everything in it.
    pub(crate) fn start(policy: Policy, replicas: usize, probers: Probers, random: Random) -> Arc<Self> {
        let dependency = Arc::new(Dependency::new(CAPACITY_PER_REPLICA * replicas as f64));
        let fleet = Arc::new_cyclic(|this| Self {
            this: Weak::clone(this),
            replicas: (0..replicas).map(|_| Replica::new(Link::new(&dependency))).collect(),
            dependency,
            policy,
            endpoints: Mutex::new(Endpoints::new(replicas)),
            balancers: probers.balancers.iter().map(|settings| Mutex::new(Balancer::new(*settings, replicas))).collect(),
            probers,
            random: Mutex::new(random),
        });
        for index in 0..replicas {
            tokio::spawn(kubelet::run(Arc::clone(&fleet), index, fleet.random_delay(STARTS)));
            for (number, settings) in fleet.probers.balancers.iter().enumerate() {
                let delay = fleet.random_delay(settings.period);
                tokio::spawn(balancer::run(Arc::clone(&fleet), number, *settings, index, delay));
            }
        }
        fleet
    }

    /// Starts the engine of a new process of a replica.
    pub(crate) fn new_process(&self, index: usize) -> Health {
        self.policy.start(self.replica(index).link.clone(), Weak::clone(&self.this), index)
    }

    pub(crate) fn replica(&self, index: usize) -> &Replica {
        &self.replicas[index]
    }

    pub(crate) fn replicas(&self) -> &[Replica] {
        &self.replicas
    }

    pub(crate) fn readiness_period(&self) -> Duration {
        self.probers.readiness_period
    }

    /// Applies a report of the kubelet.
    pub(crate) fn set_ready(&self, index: usize, is_ready: bool) {
        lock(&self.endpoints).set_ready(index, is_ready, &mut self.random());
    }

    pub(crate) fn is_ready(&self, index: usize) -> bool {
        lock(&self.endpoints).is_ready(index)
    }

    /// Returns the replicas to which the Service sends requests.
    pub(crate) fn endpoints(&self) -> Vec<usize> {
        lock(&self.endpoints).listed()
    }

    /// Returns the replicas that the DNS server lists.
    pub(crate) fn resolve(&self) -> Vec<usize> {
        lock(&self.endpoints).resolve(&mut self.random()).to_vec()
    }

    /// Returns the replicas to which each way to the fleet sends requests: the Service, and each balancer.
    pub(crate) fn routed(&self) -> Vec<Vec<usize>> {
        let balancers = self.balancers.iter().map(|balancer| lock(balancer).routed());
        std::iter::once(self.endpoints()).chain(balancers).collect()
    }

    pub(crate) fn with_balancer(&self, number: usize, apply: impl FnOnce(&mut Balancer)) {
        apply(&mut lock(&self.balancers[number]));
    }

    /// Applies a fault, and ends the last one.
    pub(crate) fn set_fault(&self, fault: Fault) {
        let (condition, cut_off) = match fault {
            Fault::None => (Condition::Up(1.0), CutOff::None),
            Fault::Dependency(condition) => (condition, CutOff::None),
            Fault::Network(cut_off) => (Condition::Up(1.0), cut_off),
        };
        self.dependency.set_condition(condition);
        for (index, replica) in self.replicas.iter().enumerate() {
            replica.link.cut_off(match cut_off {
                CutOff::None => false,
                CutOff::Zones(count) => index % ZONES < count,
                CutOff::First(count) => index < count,
            });
        }
    }

    fn random_delay(&self, below: Duration) -> Duration {
        let millis = u64::try_from(below.as_millis()).expect("a short time");
        self.random().millis(0..millis)
    }

    /// Returns the source of every random choice.
    pub(crate) fn random(&self) -> MutexGuard<'_, Random> {
        lock(&self.random)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
