//! Emits the metrics through the `metrics` facade.
//!
//! Handles are looked up for each event, so that a recorder that the application installs after the start is found.
//!
//! Two threads may emit one gauge. Each emits what was published last, and emits it again if that changed meanwhile, so the gauge
//! never ends on an older value.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ::metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

use super::catalog::{self, CODES, ENDPOINTS, Metric, PREINITIALISED_CODES, probe_indices, state_value, status_value};
use crate::core::events::recorder::{KindStates, Recorder};
use crate::core::model::status::{HealthState, Kind, Scope, Status};
use crate::core::model::verdict::{CheckTimings, RunResult};
use crate::core::registry::RegisteredCheck;

pub(super) struct MetricsFacade {
    /// By the index of the check in the order of names.
    names: Box<[Arc<str>]>,
    /// The value of each check, by the same index.
    statuses: Box<[Published]>,
    /// The value of each kind, which is emitted again with each probe.
    kinds: [Published; Kind::ALL.len()],
}

/// The bits of a published value.
struct Published(AtomicU64);

impl Published {
    fn new(value: f64) -> Self {
        Self(AtomicU64::new(value.to_bits()))
    }

    fn store(&self, value: f64) {
        self.0.store(value.to_bits(), Ordering::SeqCst);
    }

    /// Emits the value until it is the one that is stored.
    fn emit(&self, set: impl Fn(f64)) {
        let mut emitted = self.0.load(Ordering::SeqCst);
        loop {
            set(f64::from_bits(emitted));
            let stored = self.0.load(Ordering::SeqCst);
            if stored == emitted {
                return;
            }
            emitted = stored;
        }
    }
}

impl MetricsFacade {
    pub(super) fn new(checks: &[Arc<RegisteredCheck>]) -> Self {
        describe();
        let names: Box<[Arc<str>]> = checks.iter().map(|check| Arc::clone(&check.name)).collect();
        for name in &names {
            for result in RunResult::ALL {
                counter!(catalog::RUNS.name, "check" => Arc::clone(name), "result" => result.as_str()).increment(0);
            }
            gauge!(catalog::CHECK_STATUS.name, "check" => Arc::clone(name)).set(status_value(Status::Unknown));
            gauge!(catalog::STUCK.name, "check" => Arc::clone(name)).set(0.0);
        }
        for (_, endpoint) in ENDPOINTS {
            for (_, code) in &CODES[..PREINITIALISED_CODES] {
                counter!(catalog::PROBES.name, "endpoint" => endpoint, "code" => *code).increment(0);
            }
        }
        let statuses = names.iter().map(|_| Published::new(status_value(Status::Unknown))).collect();
        Self { names, statuses, kinds: Kind::ALL.map(|_| Published::new(state_value(HealthState::Healthy))) }
    }
}

impl Recorder for MetricsFacade {
    fn run_finished(&self, index: usize, result: RunResult, duration: Option<Duration>) {
        let Some(name) = self.names.get(index) else { return };
        counter!(catalog::RUNS.name, "check" => Arc::clone(name), "result" => result.as_str()).increment(1);
        if let Some(duration) = duration {
            histogram!(catalog::DURATION.name, "check" => Arc::clone(name)).record(duration.as_secs_f64());
        }
        self.status_reported(index, result);
    }

    fn status_reported(&self, index: usize, result: RunResult) {
        let Some(name) = self.names.get(index).filter(|_| result.is_good()) else { return };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        gauge!(catalog::LAST_SUCCESS.name, "check" => Arc::clone(name)).set(now.as_secs_f64());
    }

    fn timings_observed(&self, index: usize, timings: CheckTimings) {
        let Some(name) = self.names.get(index) else { return };
        let CheckTimings { age, stuck, worker_lag } = timings;
        self.emit_status(index);
        gauge!(catalog::STUCK.name, "check" => Arc::clone(name)).set(if stuck { 1.0 } else { 0.0 });
        if let Some(age) = age {
            gauge!(catalog::AGE.name, "check" => Arc::clone(name)).set(age.as_secs_f64());
        }
        if let Some(lag) = worker_lag {
            gauge!(catalog::WORKER_LAG.name).set(lag.as_secs_f64());
        }
    }

    fn store_status(&self, index: usize, status: Status) {
        if let Some(stored) = self.statuses.get(index) {
            stored.store(status_value(status));
        }
    }

    fn emit_status(&self, index: usize) {
        let (Some(name), Some(stored)) = (self.names.get(index), self.statuses.get(index)) else { return };
        let gauge = gauge!(catalog::CHECK_STATUS.name, "check" => Arc::clone(name));
        stored.emit(|value| gauge.set(value));
    }

    fn store_kind_states(&self, states: KindStates) {
        for (state, stored) in states.into_iter().zip(&self.kinds) {
            stored.store(state_value(state));
        }
    }

    fn emit_kind_states(&self) {
        for (kind, stored) in Kind::ALL.iter().zip(&self.kinds) {
            let gauge = gauge!(catalog::STATUS.name, "kind" => kind.as_str());
            stored.emit(|value| gauge.set(value));
        }
    }

    fn probe_answered(&self, scope: Scope, status_code: u16) {
        let (endpoint, code) = probe_indices(scope, status_code);
        counter!(catalog::PROBES.name, "endpoint" => ENDPOINTS[endpoint].1, "code" => CODES[code].1).increment(1);
        self.emit_kind_states();
    }
}

fn describe() {
    for Metric { name, help } in [catalog::STATUS, catalog::CHECK_STATUS, catalog::STUCK] {
        describe_gauge!(name, help);
    }
    for Metric { name, help } in [catalog::AGE, catalog::LAST_SUCCESS, catalog::WORKER_LAG] {
        describe_gauge!(name, Unit::Seconds, help);
    }
    for Metric { name, help } in [catalog::RUNS, catalog::PROBES] {
        describe_counter!(name, Unit::Count, help);
    }
    describe_histogram!(catalog::DURATION.name, Unit::Seconds, catalog::DURATION.help);
}
