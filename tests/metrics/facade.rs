//! The same metrics through the `metrics` facade.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use health_runtime::{Check, Kind, Outcome};
use health_tests::checks::health;
use metrics::{Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use tokio::time::advance;

use crate::scrape::{get, scrape, value};

/// A recorder that stores counters and gauges by value and histograms by sum.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    values: Arc<Mutex<BTreeMap<String, f64>>>,
    described: Mutex<BTreeMap<String, Option<Unit>>>,
}

struct Series(Arc<Mutex<BTreeMap<String, f64>>>, String);

impl Recorded {
    pub(crate) fn everything(&self) -> String {
        format!("{self:?}")
    }

    pub(crate) fn values(&self) -> BTreeMap<String, f64> {
        self.values.lock().unwrap().clone()
    }

    fn series(&self, key: &Key) -> Arc<Series> {
        let labels: Vec<_> = key.labels().map(|label| format!("{}=\"{}\"", label.key(), label.value())).collect();
        Arc::new(Series(Arc::clone(&self.values), format!("{}{{{}}}", key.name(), labels.join(","))))
    }

    fn describe(&self, key: &KeyName, unit: Option<Unit>) {
        self.described.lock().unwrap().insert(key.as_str().to_owned(), unit);
    }
}

impl Series {
    fn change(&self, change: impl FnOnce(&mut f64)) {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(values.entry(self.1.clone()).or_default());
    }
}

#[expect(clippy::cast_precision_loss, reason = "no test counts that far")]
impl CounterFn for Series {
    fn increment(&self, n: u64) {
        self.change(|stored| *stored += n as f64);
    }

    fn absolute(&self, n: u64) {
        self.change(|stored| *stored = n as f64);
    }
}

impl GaugeFn for Series {
    fn increment(&self, n: f64) {
        self.change(|stored| *stored += n);
    }

    fn decrement(&self, n: f64) {
        self.change(|stored| *stored -= n);
    }

    fn set(&self, n: f64) {
        self.change(|stored| *stored = n);
    }
}

impl HistogramFn for Series {
    fn record(&self, n: f64) {
        self.change(|stored| *stored += n);
    }
}

impl Recorder for Recorded {
    fn describe_counter(&self, key: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(&key, unit);
    }

    fn describe_gauge(&self, key: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(&key, unit);
    }

    fn describe_histogram(&self, key: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(&key, unit);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        self.series(key).into()
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.series(key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.series(key))
    }
}

fn checks() -> [Check; 2] {
    let slow = || async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Outcome::degraded("slow disk")
    };
    [Check::readiness("slow", slow), Check::liveness("dead", || async { Outcome::down("out of order") })]
}

#[tokio::test(start_paused = true)]
async fn the_facade_receives_the_samples_of_a_scrape() {
    let recorded = Recorded::default();
    let _guard = metrics::set_default_local_recorder(&recorded);
    let health = health(checks());
    for _ in 0..3 {
        get(&health, "/health").await;
        advance(Duration::from_secs(2)).await;
    }
    get(&health, "/readyz").await;
    let text = scrape(&health);
    let mut compared = 0;
    for (series, stored) in recorded.values() {
        // The recorder sums histograms, and the times are read twice from the clock.
        let shown = series.replace("health_check_duration_seconds{", "health_check_duration_seconds_sum{");
        let shown = value(&text, &shown).unwrap_or_else(|| panic!("no {shown} in\n{text}"));
        // The age is that of the last probe, and `dead` was not probed for a while.
        if series != "health_check_age_seconds{check=\"dead\"}" {
            assert!((stored - shown).abs() < 0.01, "{series}: {stored}, {shown}");
        }
        compared += 1;
    }
    let series = text.lines().filter(|line| !line.starts_with('#') && !line.contains("_bucket{") && !line.contains("_count{"));
    assert_eq!(compared, series.count(), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_check_that_runs_after_others_has_a_gauge_of_its_skips() {
    let recorded = Recorded::default();
    let _guard = metrics::set_default_local_recorder(&recorded);
    let [slow, dead] = checks();
    let health = health([slow.after(["dead"]), dead]);
    let skipped = "health_check_skipped{check=\"slow\"}";
    get(&health, "/health").await;
    assert_eq!((recorded.values().get(skipped), value(&scrape(&health), skipped)), (Some(&1.0), Some(1.0)));
    assert_eq!(recorded.values().keys().filter(|series| series.starts_with("health_check_skipped")).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn every_metric_is_described_with_its_unit() {
    let recorded = Recorded::default();
    let _guard = metrics::set_default_local_recorder(&recorded);
    let health = health(checks());
    health.report(Kind::Readiness).await;
    let described = recorded.described.lock().unwrap();
    for series in recorded.values().keys() {
        let name = series.split('{').next().unwrap();
        let expected = match name.rsplit('_').next() {
            Some("seconds") => Some(Unit::Seconds),
            Some("total") => Some(Unit::Count),
            _ => None,
        };
        assert_eq!(described.get(name), Some(&expected), "{name}");
    }
    assert_eq!(described.len(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_late_recorder_receives_the_states_with_the_next_probe() {
    let health = health(checks());
    get(&health, "/health").await;
    let recorded = Recorded::default();
    let _guard = metrics::set_default_local_recorder(&recorded);
    get(&health, "/readyz").await;
    let values = recorded.values();
    assert_eq!(values["health_status{kind=\"readiness\"}"], 0.5);
    assert_eq!(values["health_status{kind=\"liveness\"}"], 0.0);
    assert_eq!(values["health_check_status{check=\"slow\"}"], 0.5);
}
