//! Encodes the counters and the states of the checks with prometheus-client.

use std::fmt::{self, Debug, Formatter};

use prometheus_client::collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::registry::Unit;
use tokio::time::Instant;

use crate::core::engine::CheckSample;
use crate::core::health::Health;
use crate::core::model::aggregate::{impact, published_kind_state};
use crate::core::model::status::{HealthState, Kind, Scope};
use crate::core::model::verdict::RunResult;
use crate::metrics::catalog::{self, CODES, ENDPOINTS, Metric, PREINITIALISED_CODES, state_value, status_value};
use crate::metrics::counters::{CheckCounters, Counters};

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
    /// Returns the metrics as a collector, for the application's own
    /// [`Registry`](prometheus_client::registry::Registry). The table of metrics is in [`prometheus`](crate::prometheus).
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
        let phase = inner.lifecycle.phase();
        let state = |kind: Kind| {
            let of_kind = samples.iter().filter(|sample| sample.check.kinds.has(kind));
            let impacts = of_kind.map(|CheckSample { check, status, has_result, .. }| {
                impact(Scope::Kind(kind), check.kinds, check.policy.critical, *status, *has_result)
            });
            published_kind_state(kind, impacts.max().unwrap_or(HealthState::Healthy), phase)
        };
        let mut metrics = MetricWriter(&mut encoder);
        metrics.gauges(catalog::STATUS, Kind::ALL.map(|kind| (("kind", kind.as_str()), state_value(state(kind)))))?;
        let Some(counters) = inner.engine.publisher().recorders().get::<Counters>() else { return Ok(()) };
        encode_checks(&mut metrics, &samples, counters)?;
        encode_probes(&mut metrics, counters)
    }
}

fn encode_checks(metrics: &mut MetricWriter<'_, '_>, samples: &[CheckSample<'_>], counters: &Counters) -> fmt::Result {
    let sampled = || samples.iter().map(|sample| (("check", &*sample.check.name), sample));
    let counted = || sampled().filter_map(|(label, sample)| Some((label, counters.check(sample.index)?)));
    metrics.gauges(catalog::CHECK_STATUS, sampled().map(|(label, sample)| (label, status_value(sample.status))))?;
    let runs = counted()
        .flat_map(|(label, check)| RunResult::ALL.map(|result| ([label, ("result", result.as_str())], check.runs(result))));
    metrics.counters(catalog::RUNS, runs)?;
    metrics.histograms(catalog::DURATION, counted())?;
    let ages = sampled().filter_map(|(label, sample)| Some((label, sample.timings.age?.as_secs_f64())));
    metrics.gauges(catalog::AGE, ages)?;
    metrics.gauges(catalog::LAST_SUCCESS, counted().filter_map(|(label, check)| Some((label, check.last_success()?))))?;
    let stuck = sampled().map(|(label, sample)| (label, if sample.timings.stuck { 1.0 } else { 0.0 }));
    metrics.gauges(catalog::STUCK, stuck)?;
    let lag = samples.iter().find_map(|sample| sample.timings.worker_lag);
    lag.map_or(Ok(()), |lag| metrics.gauge(catalog::WORKER_LAG, lag.as_secs_f64()))
}

fn encode_probes(metrics: &mut MetricWriter<'_, '_>, counters: &Counters) -> fmt::Result {
    let all = (0..ENDPOINTS.len()).flat_map(|endpoint| (0..CODES.len()).map(move |code| (endpoint, code)));
    let counted = all.map(|(endpoint, code)| (endpoint, code, counters.probes(endpoint, code)));
    let non_zero = counted.filter(|(_, code, count)| *code < PREINITIALISED_CODES || *count > 0);
    let labels = |endpoint: usize, code: usize| [("endpoint", ENDPOINTS[endpoint].1), ("code", CODES[code].1)];
    metrics.counters(catalog::PROBES, non_zero.map(|(endpoint, code, count)| (labels(endpoint, code), count)))
}

type Label<'l> = (&'l str, &'l str);

/// Writes one metric after the other, and omits a metric without a series.
struct MetricWriter<'e, 'w>(&'e mut DescriptorEncoder<'w>);

impl MetricWriter<'_, '_> {
    fn gauge(&mut self, metric: Metric, value: f64) -> fmt::Result {
        self.describe(metric, MetricType::Gauge)?.encode_gauge(&value)
    }

    fn gauges<'l>(&mut self, metric: Metric, series: impl IntoIterator<Item = (Label<'l>, f64)>) -> fmt::Result {
        let series = series.into_iter().map(|(label, value)| ([label], value));
        self.series(metric, MetricType::Gauge, series, |mut encoder, value| encoder.encode_gauge(&value))
    }

    fn counters<'l>(&mut self, metric: Metric, series: impl IntoIterator<Item = ([Label<'l>; 2], u64)>) -> fmt::Result {
        let exemplar = None::<&Exemplar<NoLabelSet, f64>>;
        self.series(metric, MetricType::Counter, series, |mut encoder, value| encoder.encode_counter(&value, exemplar))
    }

    fn histograms<'l>(&mut self, metric: Metric, series: impl Iterator<Item = (Label<'l>, &'l CheckCounters)>) -> fmt::Result {
        let series = series.map(|(label, check)| ([label], check.durations()));
        self.series(metric, MetricType::Histogram, series, |mut encoder, snapshot| {
            encoder.encode_histogram::<NoLabelSet>(snapshot.sum, snapshot.count, &snapshot.buckets, None)
        })
    }

    fn series<L: EncodeLabelSet, V>(
        &mut self,
        metric: Metric,
        metric_type: MetricType,
        series: impl IntoIterator<Item = (L, V)>,
        encode: impl Fn(MetricEncoder<'_>, V) -> fmt::Result,
    ) -> fmt::Result {
        let mut series = series.into_iter().peekable();
        if series.peek().is_none() {
            return Ok(());
        }
        let mut encoder = self.describe(metric, metric_type)?;
        series.try_for_each(|(labels, value)| encode(encoder.encode_family(&labels)?, value))
    }

    fn describe(&mut self, metric: Metric, metric_type: MetricType) -> Result<MetricEncoder<'_>, fmt::Error> {
        // The encoder appends these suffixes itself.
        let name = metric.name.strip_suffix("_total").unwrap_or(metric.name);
        let (name, unit) = name.strip_suffix("_seconds").map_or((name, None), |name| (name, Some(&Unit::Seconds)));
        self.0.encode_descriptor(name, metric.help, unit, metric_type)
    }
}
