//! The gauges and the log records of the feature `opentelemetry` in a real collector, over OTLP.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use health_runtime::{Check, Health, Kind};
use opentelemetry::metrics::MeterProvider;
use opentelemetry_otlp::{LogExporter, MetricExporter, WithExportConfig};
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};

use health_tests::checks::{builder, up};
use health_tests::program::Program;
use health_tests::servers::free_port;
use health_tests::{until, workspace};

const PATIENCE: Duration = Duration::from_mins(2);

/// Returns the collector that `tests/all` installs.
fn rotel() -> PathBuf {
    let libraries = workspace::target().join("python/lib");
    let versions = fs::read_dir(&libraries).into_iter().flatten().flatten();
    let found = versions.map(|version| version.path().join("site-packages/rotel/rotel-agent")).find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("there is no rotel below {}; run `tests/all`, which installs it", libraries.display()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_receives_the_gauges_and_the_transitions() {
    let [grpc, http] = [free_port(), free_port()].map(|port| format!("127.0.0.1:{port}"));
    let collector = Program::start(Command::new(rotel()).args(["start", "--exporter", "blackhole"]).args([
        "--otlp-grpc-endpoint",
        &grpc,
        "--otlp-http-endpoint",
        &http,
        "--debug-log",
        "metrics",
        "--debug-log",
        "logs",
        "--debug-log-verbosity",
        "detailed",
    ]));
    until(PATIENCE, "the collector listens", || TcpStream::connect(&grpc).ok().map(drop));

    let endpoint = format!("http://{grpc}");
    let logs = LogExporter::builder().with_tonic().with_endpoint(&endpoint).build().unwrap();
    let logs = SdkLoggerProvider::builder().with_batch_exporter(logs).build();
    let metrics = MetricExporter::builder().with_tonic().with_endpoint(&endpoint).build().unwrap();
    let reader = PeriodicReader::builder(metrics).with_interval(Duration::from_hours(1)).build();
    let metrics = SdkMeterProvider::builder().with_reader(reader).build();

    let health: Health = builder([up(Kind::Readiness, "database"), Check::reported("leader", Kind::Readiness)]).start().unwrap();
    health.opentelemetry_gauges(&metrics.meter("orders"));
    let events = tokio::spawn(health.opentelemetry_events(&logs));
    let leader = health.reporter("leader").unwrap();
    leader.up();
    leader.down("lost the lease");
    health.report(Kind::Readiness).await;
    let lines = until(PATIENCE, "the log records arrive", || {
        logs.force_flush().unwrap();
        Some(collector.output()).filter(|lines| records(lines).len() == 3)
    });
    let line = |name: &str, from: &str, to: &str| format!("health check `{name}` changed from {from} to {to}");
    let expected = [line("leader", "unknown", "up"), line("leader", "up", "down"), line("database", "unknown", "up")];
    assert_eq!(records(&lines), expected);
    assert!(lines.iter().any(|line| line.trim() == "-> reason: Str(lost the lease)"), "{lines:#?}");

    metrics.force_flush().unwrap();
    let series = [
        ("health_status{liveness}", "1"),
        ("health_status{readiness}", "0"),
        ("health_status{startup}", "1"),
        ("health_check_status{database}", "1"),
        ("health_check_status{leader}", "0"),
        ("health_check_stuck{database}", "0"),
        ("health_check_stuck{leader}", "0"),
        ("health_check_age_seconds{database}", "_"),
    ];
    let expected: BTreeMap<_, _> = series.map(|(series, value)| (series.to_owned(), value.to_owned())).into();
    until(PATIENCE, "the gauges arrive", || (gauges(&collector.output()) == expected).then_some(()));
    drop((health, leader));
    events.await.unwrap();
}

/// Returns what follows `start` in a line.
fn after<'l>(line: &'l str, start: &str) -> Option<&'l str> {
    line.trim().strip_prefix(start)
}

/// Returns the bodies of the log records.
fn records(lines: &[String]) -> Vec<String> {
    let body = |line: &String| Some(after(line, "Body: Str(")?.trim_end_matches(')').to_owned());
    lines.iter().filter_map(body).collect()
}

/// Returns the value of each series, named as `gauge{label}`, with `_` for an age.
fn gauges(lines: &[String]) -> BTreeMap<String, String> {
    let (mut name, mut label, mut gauges) = ("", "", BTreeMap::new());
    for line in lines {
        if let Some(found) = after(line, "-> Name: ") {
            name = found;
        } else if let Some(found) = after(line, "-> check: Str(").or_else(|| after(line, "-> kind: Str(")) {
            label = found.trim_end_matches(')');
        } else if let Some(value) = after(line, "Value: ") {
            let value = if name == "health_check_age_seconds" { "_" } else { value };
            gauges.insert(format!("{name}{{{label}}}"), value.to_owned());
        }
    }
    gauges
}
