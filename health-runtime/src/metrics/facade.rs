//! Emits the metrics through the `metrics` facade.
//!
//! A handle is looked up at its first use and kept, because a lookup builds a key and its labels. All are looked up again when the
//! recorder changes, so that one that the application installs after the start gets every published value with the next event.
//!
//! Two threads may emit one gauge. Each emits what was published last, and emits it again if that changed meanwhile, so the gauge
//! never ends on an older value.

use std::array;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ::metrics::{
    Counter, Gauge, Histogram, Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
    with_recorder,
};

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
    /// The value of each kind.
    kinds: [Published; Kind::ALL.len()],
    /// Locked to copy or to replace them, never while the recorder is called.
    handles: RwLock<Arc<Handles>>,
}

/// The handles of one recorder. Each is looked up at its first use: a recorder may show a gauge without a value as 0.
struct Handles {
    /// The address of the recorder.
    recorder: usize,
    /// By the index of the check in the order of names.
    checks: Box<[CheckHandles]>,
    kinds: [OnceLock<Gauge>; Kind::ALL.len()],
    probes: [[OnceLock<Counter>; CODES.len()]; ENDPOINTS.len()],
    worker_lag: OnceLock<Gauge>,
}

#[derive(Default)]
struct CheckHandles {
    runs: [OnceLock<Counter>; RunResult::ALL.len()],
    duration: OnceLock<Histogram>,
    status: OnceLock<Gauge>,
    stuck: OnceLock<Gauge>,
    skipped: OnceLock<Gauge>,
    age: OnceLock<Gauge>,
    last_success: OnceLock<Gauge>,
}

impl Handles {
    fn new(recorder: usize, checks: usize) -> Self {
        Self {
            recorder,
            checks: (0..checks).map(|_| CheckHandles::default()).collect(),
            kinds: array::from_fn(|_| OnceLock::new()),
            probes: array::from_fn(|_| array::from_fn(|_| OnceLock::new())),
            worker_lag: OnceLock::new(),
        }
    }

    fn probes(&self, endpoint: usize, code: usize) -> Option<&Counter> {
        let handle = self.probes.get(endpoint)?.get(code)?;
        let (endpoint, code) = (ENDPOINTS.get(endpoint)?.1, CODES.get(code)?.1);
        Some(handle.get_or_init(|| counter!(catalog::PROBES.name, "endpoint" => endpoint, "code" => code)))
    }
}

/// Returns the address of the recorder of this thread, which differs between recorders.
fn current_recorder() -> usize {
    with_recorder(|recorder| std::ptr::from_ref(recorder).cast::<()>().addr())
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
        let names: Box<[Arc<str>]> = checks.iter().map(|check| Arc::clone(&check.name)).collect();
        let statuses = names.iter().map(|_| Published::new(status_value(Status::Unknown))).collect();
        let kinds = Kind::ALL.map(|_| Published::new(state_value(HealthState::Healthy)));
        // No recorder has this address, so the first event introduces this facade to its recorder.
        let handles = RwLock::new(Arc::new(Handles::new(0, 0)));
        Self { names, statuses, kinds, handles }
    }

    /// Returns the handles of the current recorder. A new recorder gets descriptions, and everything that has a value.
    fn handles(&self) -> Arc<Handles> {
        let recorder = current_recorder();
        let handles = Arc::clone(&self.handles.read().unwrap_or_else(PoisonError::into_inner));
        if handles.recorder == recorder {
            return handles;
        }
        let handles = Arc::new(Handles::new(recorder, self.names.len()));
        *self.handles.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&handles);
        self.introduce(&handles);
        handles
    }

    fn introduce(&self, handles: &Handles) {
        describe();
        for index in 0..self.names.len() {
            for result in RunResult::ALL {
                self.with_check(handles, index, |name, check| runs(name, check, result).increment(0));
            }
            self.emit_status_with(handles, index);
            self.with_check(handles, index, |name, check| stuck(name, check).set(0.0));
        }
        for endpoint in 0..ENDPOINTS.len() {
            for code in 0..PREINITIALISED_CODES {
                handles.probes(endpoint, code).into_iter().for_each(|counter| counter.increment(0));
            }
        }
        self.emit_kinds_with(handles);
    }

    fn with_check(&self, handles: &Handles, index: usize, emit: impl FnOnce(&Arc<str>, &CheckHandles)) {
        if let (Some(name), Some(check)) = (self.names.get(index), handles.checks.get(index)) {
            emit(name, check);
        }
    }

    fn emit_status_with(&self, handles: &Handles, index: usize) {
        let Some(published) = self.statuses.get(index) else { return };
        self.with_check(handles, index, |name, check| {
            let gauge = check.status.get_or_init(|| gauge!(catalog::CHECK_STATUS.name, "check" => Arc::clone(name)));
            published.emit(|value| gauge.set(value));
        });
    }

    fn emit_kinds_with(&self, handles: &Handles) {
        for ((kind, published), handle) in Kind::ALL.iter().zip(&self.kinds).zip(&handles.kinds) {
            let gauge = handle.get_or_init(|| gauge!(catalog::STATUS.name, "kind" => kind.as_str()));
            published.emit(|value| gauge.set(value));
        }
    }

    fn record_success(&self, handles: &Handles, index: usize) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.with_check(handles, index, |name, check| {
            let gauge = || gauge!(catalog::LAST_SUCCESS.name, "check" => Arc::clone(name));
            check.last_success.get_or_init(gauge).set(now.as_secs_f64());
        });
    }
}

fn runs<'h>(name: &Arc<str>, check: &'h CheckHandles, result: RunResult) -> &'h Counter {
    let counter = || counter!(catalog::RUNS.name, "check" => Arc::clone(name), "result" => result.as_str());
    check.runs[result as usize].get_or_init(counter)
}

fn stuck<'h>(name: &Arc<str>, check: &'h CheckHandles) -> &'h Gauge {
    check.stuck.get_or_init(|| gauge!(catalog::STUCK.name, "check" => Arc::clone(name)))
}

fn skipped<'h>(name: &Arc<str>, check: &'h CheckHandles) -> &'h Gauge {
    check.skipped.get_or_init(|| gauge!(catalog::SKIPPED.name, "check" => Arc::clone(name)))
}

impl Recorder for MetricsFacade {
    fn run_finished(&self, index: usize, result: RunResult, duration: Option<Duration>) {
        let handles = self.handles();
        self.with_check(&handles, index, |name, check| {
            runs(name, check, result).increment(1);
            if let Some(duration) = duration {
                let histogram = || histogram!(catalog::DURATION.name, "check" => Arc::clone(name));
                check.duration.get_or_init(histogram).record(duration.as_secs_f64());
            }
        });
        if result.is_good() {
            self.record_success(&handles, index);
        }
    }

    fn status_reported(&self, index: usize, result: RunResult) {
        if result.is_good() {
            self.record_success(&self.handles(), index);
        }
    }

    fn timings_observed(&self, index: usize, timings: CheckTimings) {
        let CheckTimings { age, stuck: is_stuck, skipped: is_skipped, worker_lag } = timings;
        let handles = self.handles();
        self.with_check(&handles, index, |name, check| {
            stuck(name, check).set(if is_stuck { 1.0 } else { 0.0 });
            if let Some(is_skipped) = is_skipped {
                skipped(name, check).set(if is_skipped { 1.0 } else { 0.0 });
            }
            if let Some(age) = age {
                let gauge = || gauge!(catalog::AGE.name, "check" => Arc::clone(name));
                check.age.get_or_init(gauge).set(age.as_secs_f64());
            }
        });
        if let Some(lag) = worker_lag {
            handles.worker_lag.get_or_init(|| gauge!(catalog::WORKER_LAG.name)).set(lag.as_secs_f64());
        }
    }

    fn store_status(&self, index: usize, status: Status) {
        if let Some(published) = self.statuses.get(index) {
            published.store(status_value(status));
        }
    }

    fn emit_status(&self, index: usize) {
        self.emit_status_with(&self.handles(), index);
    }

    fn store_kind_states(&self, states: KindStates) {
        for (state, published) in states.into_iter().zip(&self.kinds) {
            published.store(state_value(state));
        }
    }

    fn emit_kind_states(&self) {
        self.emit_kinds_with(&self.handles());
    }

    fn probe_answered(&self, scope: Scope, status_code: u16) {
        let (endpoint, code) = probe_indices(scope, status_code);
        self.handles().probes(endpoint, code).into_iter().for_each(|counter| counter.increment(1));
    }
}

fn describe() {
    for Metric { name, help } in [catalog::STATUS, catalog::CHECK_STATUS, catalog::STUCK, catalog::SKIPPED] {
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
