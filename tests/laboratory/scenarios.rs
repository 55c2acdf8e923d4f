//! The scenarios.

use std::sync::Arc;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

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

const SECOND: Duration = Duration::from_secs(1);

/// The requests through each proxy in a rolling restart.
const REQUESTS: usize = 50_000;

/// How many instances a rollout replaces at once.
const AT_ONCE: usize = 3;

/// The time that a new instance is ready before the rollout goes on.
const MIN_READY: Duration = Duration::from_secs(3);

/// The instance that is cut off.
const FAULTY: usize = 4;

/// The clients of each route at each proxy, and their pause between two requests.
const CLIENTS: usize = 2;
const PAUSE: Duration = Duration::from_millis(40);

/// The delay of each transfer to and from a slow database: longer than the timeout of the check.
const SLOW: Duration = Duration::from_millis(500);

pub(crate) struct Laboratory {
    // In the order in which they stop.
    proxies: Vec<Proxy>,
    monitoring: Monitoring,
    kubelet: Kubelet,
    fleet: Arc<Fleet>,
    database: Mutex<Postgres>,
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
        Self { proxies, monitoring, kubelet, fleet, database: Mutex::new(database) }
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
    pub(crate) fn faults(&self, variant: Variant) -> Vec<Row> {
        self.fleet.deploy(variant);
        self.all_ready();
        let relays = || self.fleet.replicas.iter().map(|replica| &replica.relay);
        let mut rows = Vec::new();
        let mut observe = |scenario, seconds, clients| {
            let row = self.row(variant, scenario, SECOND * seconds, clients);
            print!("{row}");
            rows.push(row);
        };
        observe("probes only", 10, 0);
        observe("steady", 10, CLIENTS);
        self.database.lock().unwrap().stop();
        observe("database away for 30 s", 30, CLIENTS);
        self.database.lock().unwrap().restart();
        observe("recovery", 15, CLIENTS);
        relays().for_each(|relay| relay.slow(SLOW));
        observe("database slow for 20 s", 20, CLIENTS);
        relays().for_each(Counting::open);
        observe("recovery", 15, CLIENTS);
        let faulty = &self.fleet.replicas[FAULTY].relay;
        faulty.cut();
        let out_after = thread::scope(|scope| {
            let leaving = scope.spawn(|| self.time_until_out(SECOND * 20));
            observe("one instance cut off for 20 s", 20, CLIENTS);
            leaving.join().unwrap()
        });
        faulty.open();
        observe("recovery", 15, CLIENTS);
        if let Some(row) = rows.iter_mut().rev().nth(1) {
            row.out_after = out_after;
        }
        rows
    }

    /// Waits until the faulty instance is out of the Service, but no longer than this.
    fn time_until_out(&self, limit: Duration) -> Option<Duration> {
        let began = Instant::now();
        while self.kubelet.is_ready(FAULTY) {
            if began.elapsed() > limit {
                return None;
            }
            thread::sleep(SECOND / 20);
        }
        Some(began.elapsed())
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

    /// Sends requests for this long.
    fn row(&self, variant: Variant, scenario: &'static str, length: Duration, clients: usize) -> Row {
        let without = self.loads("/prices", CLIENTS, PAUSE);
        let with = self.loads("/orders", clients, PAUSE);
        let seen = Observation::of(&self.fleet, &self.kubelet, &self.monitoring, length);
        let [without, with] = [without, with].map(|loads| loads.into_iter().map(Load::stop).collect());
        Row { variant, scenario, seen, without, with, out_after: None }
    }
}

impl Drop for Laboratory {
    fn drop(&mut self) {
        self.fleet.stop();
    }
}
