//! The scenarios, and the load in each of them.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use health_tests::servers::{Counting, Postgres};
use health_tests::until;

use crate::PATIENCE;
use crate::fleet::Fleet;
use crate::instance::Variant;
use crate::kubelet::Kubelet;
use crate::load::{Load, Served};
use crate::monitoring::Monitoring;
use crate::observation::Observation;
use crate::proxies::{self, Proxy};
use crate::table::Row;

/// The requests through each proxy in a rolling restart.
const REQUESTS: usize = 50_000;

/// How many instances a rollout replaces at once: a quarter, as Kubernetes does by default.
const AT_ONCE: usize = 3;

/// The time that a new instance is ready before the rollout goes on.
const MIN_READY: Duration = Duration::from_secs(3);

/// The clients of each route at each proxy, and their pause between two requests.
const CLIENTS: usize = 2;
const PAUSE: Duration = Duration::from_millis(40);

/// The delay of each transfer to and from a slow database. A run has four, which together take longer than its timeout.
const SLOW: Duration = Duration::from_millis(500);

pub(crate) struct Laboratory {
    // In the order in which they stop.
    proxies: Vec<Proxy>,
    monitoring: Monitoring,
    kubelet: Kubelet,
    fleet: Arc<Fleet>,
    database: Postgres,
}

impl Laboratory {
    pub(crate) fn start() -> Self {
        let database = Postgres::start();
        let fleet = Arc::new(Fleet::new(&database));
        fleet.deploy(Variant::Critical);
        let kubelet = Kubelet::start(&fleet);
        until(PATIENCE, "the Service has all instances", || (kubelet.ready() == fleet.replicas.len()).then_some(()));
        let addresses = fleet.addresses();
        let (monitoring, proxies) = (Monitoring::start(&addresses), proxies::start(&addresses));
        Self { proxies, monitoring, kubelet, fleet, database }
    }

    /// Replaces every instance under load, and returns what the clients of each proxy got.
    pub(crate) fn rolling_restart(&self) -> Vec<Served> {
        let load: Vec<_> = self.loads("/prices", 4, Duration::ZERO);
        for first in (0..self.fleet.replicas.len()).step_by(AT_ONCE) {
            thread::scope(|scope| {
                for instance in first..first + AT_ONCE {
                    scope.spawn(move || self.kubelet.replace(instance));
                }
            });
            let ready = || (first..first + AT_ONCE).all(|instance| self.kubelet.is_ready(instance)).then_some(());
            until(PATIENCE, "the new instances are ready", ready);
            thread::sleep(MIN_READY);
        }
        until(PATIENCE * 5, "enough requests", || load.iter().all(|load| load.served() >= REQUESTS).then_some(()));
        load.into_iter().map(Load::stop).collect()
    }

    /// Deploys a variant and runs every other scenario.
    pub(crate) fn faults(&mut self, variant: Variant) -> Vec<Row> {
        self.fleet.deploy(variant);
        self.all_ready();
        thread::sleep(MIN_READY);
        let mut rows = vec![self.row(variant, "probes only", 10, 0), self.row(variant, "steady", 10, CLIENTS)];
        self.database.stop();
        rows.push(self.row(variant, "database away for 30 s", 30, CLIENTS));
        self.database.restart();
        rows.push(self.row(variant, "recovery", 15, CLIENTS));
        self.relays().for_each(|relay| relay.slow(SLOW));
        rows.push(self.row(variant, "database slow for 20 s", 20, CLIENTS));
        self.relays().for_each(Counting::open);
        rows.push(self.row(variant, "recovery", 15, CLIENTS));
        self.relays().take(1).for_each(Counting::cut);
        rows.push(self.row(variant, "one instance cut off for 20 s", 20, CLIENTS));
        self.relays().take(1).for_each(Counting::open);
        rows.push(self.row(variant, "recovery", 15, CLIENTS));
        rows
    }

    fn relays(&self) -> impl Iterator<Item = &Counting> {
        self.fleet.replicas.iter().map(|replica| &replica.relay)
    }

    pub(crate) fn proxies(&self) -> impl Iterator<Item = &'static str> {
        self.proxies.iter().map(|proxy| proxy.name)
    }

    fn all_ready(&self) {
        let ready = || (self.kubelet.ready() == self.fleet.replicas.len()).then_some(());
        until(PATIENCE, "the Service has all instances", ready);
    }

    fn loads(&self, path: &'static str, clients: usize, pause: Duration) -> Vec<Load> {
        self.proxies.iter().map(|proxy| Load::start(proxy.address, path, clients, pause)).collect()
    }

    /// Sends requests for some seconds, and prints what happens.
    fn row(&self, variant: Variant, scenario: &'static str, seconds: u64, clients: usize) -> Row {
        let without = self.loads("/prices", CLIENTS, PAUSE);
        let with = self.loads("/orders", clients, PAUSE);
        let seen = Observation::of(&self.fleet, &self.kubelet, &self.monitoring, Duration::from_secs(seconds));
        let [without, with] = [without, with].map(|loads| loads.into_iter().map(Load::stop).collect());
        let row = Row { variant, scenario, seen, without, with };
        print!("{row}");
        row
    }
}

impl Drop for Laboratory {
    fn drop(&mut self) {
        self.fleet.stop();
    }
}
