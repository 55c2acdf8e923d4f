//! Observable gauges, which the program's reader collects.

use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{AsyncInstrument, Meter};
use tokio::time::Instant;

use crate::core::engine::CheckSample;
use crate::core::health_inner::HealthInner;
use crate::core::model::aggregate::Phase;
use crate::metrics::catalog::{self, Metric, state_value, status_value};
use crate::metrics::kind_states::kind_states;

type Gauge<'g> = &'g dyn AsyncInstrument<f64>;

/// Observes one gauge of all checks.
type Observe = fn(Gauge<'_>, &[CheckSample<'_>], Phase);

/// Every gauge, with its unit.
const GAUGES: [(Metric, &str, Observe); 6] = [
    (catalog::STATUS, "1", |gauge, samples, phase| {
        for (kind, state) in kind_states(samples, phase) {
            gauge.observe(state_value(state), &[KeyValue::new("kind", kind.as_str())]);
        }
    }),
    (catalog::CHECK_STATUS, "1", |gauge, samples, _| observe(gauge, samples, |sample| Some(status_value(sample.status)))),
    (catalog::STUCK, "1", |gauge, samples, _| {
        observe(gauge, samples, |sample| Some(if sample.timings.stuck { 1.0 } else { 0.0 }));
    }),
    (catalog::SKIPPED, "1", |gauge, samples, _| {
        observe(gauge, samples, |sample| Some(if sample.timings.skipped? { 1.0 } else { 0.0 }));
    }),
    (catalog::AGE, "s", |gauge, samples, _| observe(gauge, samples, |sample| Some(sample.timings.age?.as_secs_f64()))),
    (catalog::WORKER_LAG, "s", |gauge, samples, _| {
        if let Some(lag) = samples.iter().find_map(|sample| sample.timings.worker_lag) {
            gauge.observe(lag.as_secs_f64(), &[]);
        }
    }),
];

/// Registers every gauge. None of them keeps the `Health` alive.
pub(super) fn register(health: &Arc<HealthInner>, meter: &Meter) {
    for (metric, unit, observe) in GAUGES {
        let health = Arc::downgrade(health);
        let gauge = meter.f64_observable_gauge(metric.name).with_description(metric.help).with_unit(unit);
        let gauge = gauge.with_callback(move |gauge| {
            if let Some(health) = health.upgrade() {
                let samples: Vec<CheckSample<'_>> = health.engine.samples(Instant::now()).collect();
                observe(gauge, &samples, health.lifecycle.phase());
            }
        });
        let _registered = gauge.build();
    }
}

fn observe(gauge: Gauge<'_>, samples: &[CheckSample<'_>], value: impl Fn(&CheckSample<'_>) -> Option<f64>) {
    for sample in samples {
        if let Some(value) = value(sample) {
            gauge.observe(value, &[KeyValue::new("check", sample.check.name.to_string())]);
        }
    }
}
