//! `GET /readyz` with five fresh checks, and one run of ten checks, with the feature `metrics` and a recorder.

#![expect(missing_docs, reason = "gungraun's macros make items that are public")]
#![expect(clippy::expect_used, reason = "a bench that cannot be set up has nothing to say")]

#[path = "support/requests.rs"]
#[expect(dead_code, reason = "other benches use the rest")]
mod requests;
#[path = "support/runs.rs"]
mod runs;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use gungraun::prelude::*;
use gungraun::{Callgrind, Dhat};
use health_runtime::{Health, Kind, Report};
use metrics::{Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use tokio::runtime::Runtime;

use requests::{Client, REQUESTS, by_hand, own};
use runs::checks;

/// Stores each value in an atomic, as the recorders of exporters do.
struct Atomics;

impl Recorder for Atomics {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(Arc::new(AtomicU64::new(0)))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(Arc::new(AtomicU64::new(0)))
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(Arc::new(Last(Gauge::from_arc(Arc::new(AtomicU64::new(0))))))
    }
}

/// A histogram that keeps only the last value.
struct Last(Gauge);

impl HistogramFn for Last {
    fn record(&self, value: f64) {
        self.0.set(value);
    }
}

fn recorded<T>(setup: impl FnOnce() -> T) -> T {
    metrics::set_global_recorder(Atomics).expect("each measurement is a process");
    setup()
}

#[library_benchmark]
#[bench::by_hand(by_hand())]
#[bench::own(recorded(own))]
fn get_recorded_readyz(client: Client) -> Client {
    client(REQUESTS);
    client
}

#[library_benchmark]
#[bench::of_10(recorded(|| checks(10)))]
fn recorded_run((runtime, health): (Runtime, Health)) -> (Arc<Report>, Health, Runtime) {
    (runtime.block_on(health.report(Kind::Readiness)), health, runtime)
}

library_benchmark_group!(name = with_recorder, benchmarks = [get_recorded_readyz, recorded_run]);

main!(
    config = LibraryBenchmarkConfig::default().tool(Callgrind::default()).tool(Dhat::with_args(["--num-callers=200"])),
    library_benchmark_groups = with_recorder
);
