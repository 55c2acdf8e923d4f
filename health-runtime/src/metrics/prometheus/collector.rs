//! From the tally and the standings to prometheus-client's encoder.

use std::fmt::{self, Debug, Formatter};

use prometheus_client::collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::registry::Unit;
use tokio::time::Instant;

use crate::core::engine::Measured;
use crate::core::health::Health;
use crate::core::model::report::{effect, state_of_kind};
use crate::core::model::status::{HealthState, Kind, Scope};
use crate::core::model::verdict::RunResult;
use crate::metrics::catalog::{self, CODES, ENDPOINTS, Family, USUAL_CODES, state_value, status_value};
use crate::metrics::counters::{CheckTally, Tally};

/// The metrics of one [`Health`], for a registry of yours. It is a clone of the `Health`, which lives as long as the
/// registry.
#[derive(Clone)]
pub struct Collector {
    health: Health,
}

impl Collector {
    /// The same as [`Health::collector`].
    pub fn new(health: &Health) -> Self {
        Self { health: health.clone() }
    }
}

impl Health {
    /// Returns the metrics as a collector, for the application's own
    /// [`Registry`](prometheus_client::registry::Registry). The table of metrics is in [`prometheus`](crate::prometheus).
    #[cfg_attr(docsrs, doc(cfg(feature = "prometheus")))]
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
        let core = self.health.core();
        let checks: Vec<Measured<'_>> = core.engine.measured(Instant::now()).collect();
        let phase = core.lifecycle.phase();
        let state = |kind: Kind| {
            let scope = Scope::Kind(kind);
            let asked = checks.iter().filter(|measured| measured.check.kinds.has(kind));
            let worst = asked.map(|measured| {
                let Measured { check, status, has_result, .. } = measured;
                effect(scope, check.kinds, check.policy.critical, *status, *has_result)
            });
            state_of_kind(kind, worst.max().unwrap_or(HealthState::Healthy), phase)
        };
        let mut metric = Families(&mut encoder);
        metric.gauges(catalog::STATUS, Kind::ALL.map(|kind| (("kind", kind.as_str()), state_value(state(kind)))))?;
        checks_of(&mut metric, &checks, core.engine.ledger().meters().tally())?;
        probes(&mut metric, core.engine.ledger().meters().tally())
    }
}

fn checks_of(metric: &mut Families<'_, '_>, checks: &[Measured<'_>], tally: &Tally) -> fmt::Result {
    let each = || checks.iter().map(|measured| (("check", &*measured.check.name), measured));
    let tallied = || each().filter_map(|(label, measured)| Some((label, tally.check(measured.index)?)));
    metric.gauges(catalog::CHECK_STATUS, each().map(|(label, measured)| (label, status_value(measured.status))))?;
    let runs = |check: &CheckTally, result: RunResult| (("result", result.as_str()), check.runs(result));
    metric.counters(
        catalog::RUNS,
        tallied().flat_map(|(label, check)| RunResult::ALL.map(|result| runs(check, result)).map(|(by, n)| ([label, by], n))),
    )?;
    metric.histograms(catalog::DURATION, tallied())?;
    let ages = each().filter_map(|(label, measured)| Some((label, measured.pulse.age?.as_secs_f64())));
    metric.gauges(catalog::AGE, ages)?;
    metric.gauges(catalog::LAST_SUCCESS, tallied().filter_map(|(label, check)| Some((label, check.last_success()?))))?;
    metric.gauges(catalog::STUCK, each().map(|(label, measured)| (label, if measured.pulse.stuck { 1.0 } else { 0.0 })))?;
    let lag = checks.iter().find_map(|measured| measured.pulse.lag);
    lag.map_or(Ok(()), |lag| metric.gauge(catalog::WORKER_LAG, lag.as_secs_f64()))
}

fn probes(metric: &mut Families<'_, '_>, tally: &Tally) -> fmt::Result {
    let all = (0..ENDPOINTS.len()).flat_map(|endpoint| (0..CODES.len()).map(move |code| (endpoint, code)));
    let counted = all.map(|(endpoint, code)| (endpoint, code, tally.probes(endpoint, code)));
    let told = counted.filter(|(_, code, count)| *code < USUAL_CODES || *count > 0);
    let labels = |endpoint: usize, code: usize| [("endpoint", ENDPOINTS[endpoint].1), ("code", CODES[code].1)];
    metric.counters(catalog::PROBES, told.map(|(endpoint, code, count)| (labels(endpoint, code), count)))
}

type Label<'l> = (&'l str, &'l str);

/// Writes one family at a time, and none that has no series.
struct Families<'e, 'w>(&'e mut DescriptorEncoder<'w>);

impl Families<'_, '_> {
    fn gauge(&mut self, family: Family, value: f64) -> fmt::Result {
        self.describe(family, MetricType::Gauge)?.encode_gauge(&value)
    }

    fn gauges<'l>(&mut self, family: Family, series: impl IntoIterator<Item = (Label<'l>, f64)>) -> fmt::Result {
        let series = series.into_iter().map(|(label, value)| ([label], value));
        self.each(family, MetricType::Gauge, series, |mut metric, value| metric.encode_gauge(&value))
    }

    fn counters<'l>(&mut self, family: Family, series: impl IntoIterator<Item = ([Label<'l>; 2], u64)>) -> fmt::Result {
        let none = None::<&Exemplar<NoLabelSet, f64>>;
        self.each(family, MetricType::Counter, series, |mut metric, value| metric.encode_counter(&value, none))
    }

    fn histograms<'l>(&mut self, family: Family, series: impl Iterator<Item = (Label<'l>, &'l CheckTally)>) -> fmt::Result {
        let series = series.map(|(label, check)| ([label], check.durations()));
        self.each(family, MetricType::Histogram, series, |mut metric, read| {
            metric.encode_histogram::<NoLabelSet>(read.sum, read.count, &read.buckets, None)
        })
    }

    fn each<L: EncodeLabelSet, V>(
        &mut self,
        family: Family,
        metric_type: MetricType,
        series: impl IntoIterator<Item = (L, V)>,
        encode: impl Fn(MetricEncoder<'_>, V) -> fmt::Result,
    ) -> fmt::Result {
        let mut series = series.into_iter().peekable();
        if series.peek().is_none() {
            return Ok(());
        }
        let mut metric = self.describe(family, metric_type)?;
        series.try_for_each(|(labels, value)| encode(metric.encode_family(&labels)?, value))
    }

    fn describe(&mut self, family: Family, metric_type: MetricType) -> Result<MetricEncoder<'_>, fmt::Error> {
        // The encoder adds these endings itself.
        let name = family.name.strip_suffix("_total").unwrap_or(family.name);
        let (name, unit) = name.strip_suffix("_seconds").map_or((name, None), |name| (name, Some(&Unit::Seconds)));
        self.0.encode_descriptor(name, family.help, unit, metric_type)
    }
}
