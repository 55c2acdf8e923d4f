//! Encodes the counters and the states of the checks with prometheus-client.

use std::fmt::{self, Debug, Formatter};

use prometheus_client::collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::{MetricType, TypedMetric};
use prometheus_client::registry::Unit;
use tokio::time::Instant;

use crate::core::engine::CheckSample;
use crate::core::health::Health;
use crate::core::model::verdict::RunResult;
use crate::metrics::catalog::{self, CODES, ENDPOINTS, Metric, PREINITIALISED_CODES, state_value, status_value};
use crate::metrics::counters::{Counters, HistogramSnapshot};
use crate::metrics::kind_states::kind_states;

/// Collects the metrics of one [`Health`] for a registry. It is a clone of the `Health`, which lives as long as the registry.
#[derive(Clone)]
pub struct Collector {
    health: Health,
}

impl Collector {
    /// Creates a collector, as [`Health::collector`] does.
    pub fn new(health: &Health) -> Self {
        Self { health: health.clone() }
    }
}

impl Health {
    /// Feature `prometheus`: returns the metrics as a collector, for the application's own
    /// [`Registry`](prometheus_client::registry::Registry) of the crate prometheus-client. The table of metrics is in
    /// [`prometheus`](crate::prometheus).
    pub fn collector(&self) -> Collector {
        Collector::new(self)
    }
}

impl Debug for Collector {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").finish_non_exhaustive()
    }
}

impl collector::Collector for Collector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let inner = self.health.inner();
        let samples: Vec<CheckSample<'_>> = inner.engine.samples(Instant::now()).collect();
        let states = kind_states(&samples, inner.lifecycle.phase());
        let states = states.map(|(kind, state)| ([("kind", kind.as_str())], ConstGauge::new(state_value(state))));
        encode_family(&mut encoder, catalog::STATUS, states)?;
        let Some(counters) = inner.engine.publisher().recorders().get::<Counters>() else { return Ok(()) };
        encode_checks(&mut encoder, &samples, counters)?;
        encode_probes(&mut encoder, counters)
    }
}

fn encode_checks(encoder: &mut DescriptorEncoder<'_>, samples: &[CheckSample<'_>], counters: &Counters) -> fmt::Result {
    let labelled = || samples.iter().map(|sample| ([("check", &*sample.check.name)], sample));
    let counted = || labelled().filter_map(|(label, sample)| Some((label, counters.check(sample.index)?)));
    let statuses = labelled().map(|(label, sample)| (label, ConstGauge::new(status_value(sample.status))));
    encode_family(encoder, catalog::CHECK_STATUS, statuses)?;
    let runs = counted().flat_map(|([name], check)| {
        RunResult::ALL.map(|result| ([name, ("result", result.as_str())], ConstCounter::new(check.runs(result))))
    });
    encode_family(encoder, catalog::RUNS, runs)?;
    encode_family(encoder, catalog::DURATION, counted().map(|(label, check)| (label, check.durations())))?;
    let ages = labelled().filter_map(|(label, sample)| Some((label, ConstGauge::new(sample.timings.age?.as_secs_f64()))));
    encode_family(encoder, catalog::AGE, ages)?;
    let successes = counted().filter_map(|(label, check)| Some((label, ConstGauge::new(check.last_success()?))));
    encode_family(encoder, catalog::LAST_SUCCESS, successes)?;
    let stuck = labelled().map(|(label, sample)| (label, ConstGauge::new(if sample.timings.stuck { 1.0 } else { 0.0 })));
    encode_family(encoder, catalog::STUCK, stuck)?;
    let skipped =
        labelled().filter_map(|(label, sample)| Some((label, ConstGauge::new(if sample.timings.skipped? { 1.0 } else { 0.0 }))));
    encode_family(encoder, catalog::SKIPPED, skipped)?;
    let Some(lag) = samples.iter().find_map(|sample| sample.timings.worker_lag) else { return Ok(()) };
    describe(encoder, catalog::WORKER_LAG, MetricType::Gauge)?.encode_gauge(&lag.as_secs_f64())
}

fn encode_probes(encoder: &mut DescriptorEncoder<'_>, counters: &Counters) -> fmt::Result {
    let all = (0..ENDPOINTS.len()).flat_map(|endpoint| (0..CODES.len()).map(move |code| (endpoint, code)));
    let counted = all.map(|(endpoint, code)| (endpoint, code, counters.probes(endpoint, code)));
    let non_zero = counted.filter(|(_, code, count)| *code < PREINITIALISED_CODES || *count > 0);
    let labels = |endpoint: usize, code: usize| [("endpoint", ENDPOINTS[endpoint].1), ("code", CODES[code].1)];
    let probes = non_zero.map(|(endpoint, code, count)| (labels(endpoint, code), ConstCounter::new(count)));
    encode_family(encoder, catalog::PROBES, probes)
}

/// Encodes the series of one metric, and omits a metric without a series.
fn encode_family<L: EncodeLabelSet, M: EncodeMetric + TypedMetric>(
    encoder: &mut DescriptorEncoder<'_>,
    metric: Metric,
    series: impl IntoIterator<Item = (L, M)>,
) -> fmt::Result {
    let mut series = series.into_iter().peekable();
    if series.peek().is_none() {
        return Ok(());
    }
    let mut encoder = describe(encoder, metric, M::TYPE)?;
    series.try_for_each(|(labels, value)| value.encode(encoder.encode_family(&labels)?))
}

fn describe<'e>(
    encoder: &'e mut DescriptorEncoder<'_>,
    metric: Metric,
    metric_type: MetricType,
) -> Result<MetricEncoder<'e>, fmt::Error> {
    // The encoder appends these suffixes itself.
    let name = metric.name.strip_suffix("_total").unwrap_or(metric.name);
    let (name, unit) = name.strip_suffix("_seconds").map_or((name, None), |name| (name, Some(&Unit::Seconds)));
    encoder.encode_descriptor(name, metric.help, unit, metric_type)
}

impl TypedMetric for HistogramSnapshot {
    const TYPE: MetricType = MetricType::Histogram;
}

impl EncodeMetric for HistogramSnapshot {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        encoder.encode_histogram::<NoLabelSet>(self.sum, self.count, &self.buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}
