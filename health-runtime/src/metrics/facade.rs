//! The same metrics through the `metrics` facade, at the moment when something happens.
//!
//! Handles are looked up each time: a recorder that the application installs after the start is found as well.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ::metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

use super::catalog::{self, CODES, ENDPOINTS, Family, USUAL_CODES, probe_slots, state_value, status_value};
use crate::core::model::status::{HealthState, Kind, Scope, Status};
use crate::core::model::verdict::{Pulse, RunResult};

pub(crate) struct Facade {
    /// By their places in the order of names.
    names: Box<[Arc<str>]>,
    /// The state of each kind, said again with each probe.
    kinds: [AtomicU8; Kind::ALL.len()],
}

const STATES: [HealthState; 3] = [HealthState::Healthy, HealthState::Degraded, HealthState::Unhealthy];

impl Facade {
    pub(crate) fn new(names: Box<[Arc<str>]>, kinds: [(Kind, HealthState); 3]) -> Self {
        describe();
        for name in &names {
            for result in RunResult::ALL {
                counter!(catalog::RUNS.name, "check" => Arc::clone(name), "result" => result.as_str()).increment(0);
            }
            gauge!(catalog::CHECK_STATUS.name, "check" => Arc::clone(name)).set(status_value(Status::Unknown));
            gauge!(catalog::STUCK.name, "check" => Arc::clone(name)).set(0.0);
        }
        for (_, endpoint) in ENDPOINTS {
            for (_, code) in &CODES[..USUAL_CODES] {
                counter!(catalog::PROBES.name, "endpoint" => endpoint, "code" => *code).increment(0);
            }
        }
        let facade = Self { names, kinds: Default::default() };
        facade.keep_kinds(kinds);
        facade.say_kinds();
        facade
    }

    pub(crate) fn ran(&self, index: usize, result: RunResult, took: Option<Duration>) {
        let Some(name) = self.names.get(index) else { return };
        counter!(catalog::RUNS.name, "check" => Arc::clone(name), "result" => result.as_str()).increment(1);
        if let Some(took) = took {
            histogram!(catalog::DURATION.name, "check" => Arc::clone(name)).record(took.as_secs_f64());
        }
        self.reported(index, result);
    }

    pub(crate) fn reported(&self, index: usize, result: RunResult) {
        let Some(name) = self.names.get(index).filter(|_| result.is_good()) else { return };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        gauge!(catalog::LAST_SUCCESS.name, "check" => Arc::clone(name)).set(now.as_secs_f64());
    }

    pub(crate) fn saw(&self, index: usize, status: Status, pulse: Pulse) {
        let Some(name) = self.names.get(index) else { return };
        gauge!(catalog::CHECK_STATUS.name, "check" => Arc::clone(name)).set(status_value(status));
        gauge!(catalog::STUCK.name, "check" => Arc::clone(name)).set(if pulse.stuck { 1.0 } else { 0.0 });
        if let Some(age) = pulse.age {
            gauge!(catalog::AGE.name, "check" => Arc::clone(name)).set(age.as_secs_f64());
        }
        if let Some(lag) = pulse.lag {
            gauge!(catalog::WORKER_LAG.name).set(lag.as_secs_f64());
        }
    }

    pub(crate) fn keep_kinds(&self, kinds: [(Kind, HealthState); 3]) {
        for ((_, state), held) in kinds.iter().zip(&self.kinds) {
            held.store(*state as u8, Ordering::Relaxed);
        }
    }

    pub(crate) fn probed(&self, scope: Scope, code: u16) {
        let (endpoint, code) = probe_slots(scope, code);
        counter!(catalog::PROBES.name, "endpoint" => ENDPOINTS[endpoint].1, "code" => CODES[code].1).increment(1);
        self.say_kinds();
    }

    pub(crate) fn say_kinds(&self) {
        for (kind, held) in Kind::ALL.iter().zip(&self.kinds) {
            let held = held.load(Ordering::Relaxed);
            if let Some(state) = STATES.iter().find(|state| **state as u8 == held) {
                gauge!(catalog::STATUS.name, "kind" => kind.as_str()).set(state_value(*state));
            }
        }
    }
}

fn describe() {
    for Family { name, help } in [catalog::STATUS, catalog::CHECK_STATUS, catalog::STUCK] {
        describe_gauge!(name, help);
    }
    for Family { name, help } in [catalog::AGE, catalog::LAST_SUCCESS, catalog::WORKER_LAG] {
        describe_gauge!(name, Unit::Seconds, help);
    }
    for Family { name, help } in [catalog::RUNS, catalog::PROBES] {
        describe_counter!(name, Unit::Count, help);
    }
    describe_histogram!(catalog::DURATION.name, Unit::Seconds, catalog::DURATION.help);
}
