//! The gauges and the log records of the feature `opentelemetry`, read from in-memory exporters of the SDK.

use std::collections::BTreeMap;
use std::time::Duration;

use health_runtime::{Check, Health, Kind};
use opentelemetry::logs::{AnyValue, Severity};
use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::logs::{InMemoryLogExporter, SdkLoggerProvider};
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics, ScopeMetrics};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};
use tokio::runtime::Handle;
use tokio::task::yield_now;

use health_tests::checks::{builder, down, health, up};

/// A meter provider whose exporter stays in memory.
struct Meters {
    provider: SdkMeterProvider,
    exporter: InMemoryMetricExporter,
}

impl Meters {
    fn new() -> Self {
        let exporter = InMemoryMetricExporter::default();
        let reader = PeriodicReader::builder(exporter.clone()).with_interval(Duration::from_hours(1)).build();
        Self { provider: SdkMeterProvider::builder().with_reader(reader).build(), exporter }
    }

    /// Collects once. Returns the value of each series, named as `gauge{label}`.
    fn collect(&self) -> BTreeMap<String, f64> {
        self.exporter.reset();
        self.provider.force_flush().unwrap();
        let mut values = BTreeMap::new();
        let collected = self.exporter.get_finished_metrics().unwrap();
        let scopes = collected.iter().flat_map(ResourceMetrics::scope_metrics);
        for metric in scopes.flat_map(ScopeMetrics::metrics) {
            let AggregatedMetrics::F64(MetricData::Gauge(gauge)) = metric.data() else { panic!("{}", metric.name()) };
            for point in gauge.data_points() {
                let labels: Vec<_> = point.attributes().map(|label| label.value.to_string()).collect();
                values.insert(format!("{}{{{}}}", metric.name(), labels.join(",")), point.value());
            }
        }
        values
    }
}

fn series<const N: usize>(values: [(&str, f64); N]) -> BTreeMap<String, f64> {
    values.map(|(name, value)| (name.to_owned(), value)).into()
}

#[tokio::test(start_paused = true)]
async fn gauges_are_observed_when_they_are_collected() {
    let meters = Meters::new();
    let checks = [
        up(Kind::Liveness, "a"),
        down(Kind::Readiness, "b").critical(false),
        up(Kind::Readiness, "c").after(["b"]),
        up(Kind::Readiness, "d").interval(Duration::from_mins(1)),
    ];
    let health = health(checks);
    health.opentelemetry_gauges(&meters.provider.meter("orders"));
    for kind in [Kind::Liveness, Kind::Readiness, Kind::Startup] {
        health.report(kind).await;
    }
    let expected = series([
        ("health_check_age_seconds{a}", 0.0),
        ("health_check_age_seconds{b}", 0.0),
        ("health_check_age_seconds{d}", 0.0),
        ("health_check_skipped{c}", 1.0),
        ("health_check_status{a}", 1.0),
        ("health_check_status{b}", 0.0),
        ("health_check_status{c}", 0.0),
        ("health_check_status{d}", 1.0),
        ("health_check_stuck{a}", 0.0),
        ("health_check_stuck{b}", 0.0),
        ("health_check_stuck{c}", 0.0),
        ("health_check_stuck{d}", 0.0),
        ("health_status{liveness}", 1.0),
        ("health_status{readiness}", 0.0),
        ("health_status{startup}", 1.0),
    ]);
    let mut collected = meters.collect();
    // The reader collects on its own thread, which has the clock of the machine.
    collected.iter_mut().filter(|(name, _)| name.starts_with("health_check_age")).for_each(|(_, age)| *age = 0.0);
    assert_eq!(collected, expected);
    drop(health);
    assert_eq!(meters.collect(), BTreeMap::new(), "a dropped health has no values, and no meter keeps it");
}

/// The name, the severity, the body and the attributes of a record.
type LogLine = (String, Severity, String, Vec<(String, String)>);

/// Returns every record.
fn records(exporter: &InMemoryLogExporter) -> Vec<LogLine> {
    let text = |value: &AnyValue| match value {
        AnyValue::String(text) => text.to_string(),
        other => format!("{other:?}"),
    };
    let emitted = exporter.get_emitted_logs().unwrap();
    let records = emitted.iter().map(|log| {
        assert_eq!(log.instrumentation.name(), "health-runtime");
        let record = &log.record;
        assert!(record.timestamp().is_some());
        let attributes = record.attributes_iter().map(|(key, value)| (key.to_string(), text(value))).collect();
        (record.event_name().unwrap().to_owned(), record.severity_number().unwrap(), text(record.body().unwrap()), attributes)
    });
    records.collect()
}

#[tokio::test(start_paused = true)]
async fn each_transition_is_one_log_record() {
    let exporter = InMemoryLogExporter::default();
    let provider = SdkLoggerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let before = Handle::current().metrics().num_alive_tasks();
    let health: Health = builder([Check::reported("leader", Kind::Readiness)]).start().unwrap();
    let events = tokio::spawn(health.opentelemetry_events(&provider));
    let leader = health.reporter("leader").unwrap();
    leader.up();
    leader.up();
    leader.down("lost postgres://app:hunter2@db1/orders");
    for _ in 0..10 {
        yield_now().await;
    }
    let attributes = |pairs: &[(&str, &str)]| pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let (check, kind) = ("health.check.status_changed".to_owned(), "health.kind.state_changed".to_owned());
    let lost = ("reason", "lost postgres://***@db1/orders");
    let expected = [
        (
            check.clone(),
            Severity::Info,
            "health check `leader` changed from unknown to up".to_owned(),
            attributes(&[("check", "leader"), ("from", "unknown"), ("to", "up")]),
        ),
        (
            kind.clone(),
            Severity::Info,
            "readiness changed from unhealthy to healthy".to_owned(),
            attributes(&[("kind", "readiness"), ("from", "unhealthy"), ("to", "healthy")]),
        ),
        (
            check,
            Severity::Warn,
            "health check `leader` changed from up to down".to_owned(),
            attributes(&[("check", "leader"), ("from", "up"), ("to", "down"), lost]),
        ),
        (
            kind,
            Severity::Warn,
            "readiness changed from healthy to unhealthy".to_owned(),
            attributes(&[("kind", "readiness"), ("from", "healthy"), ("to", "unhealthy")]),
        ),
    ];
    assert_eq!(records(&exporter), expected);
    drop((health, leader));
    events.await.unwrap();
    assert_eq!(Handle::current().metrics().num_alive_tasks(), before);
}
