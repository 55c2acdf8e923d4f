//! One run of many checks that are ready after one yield, from `Health::report` to the report.

#![expect(missing_docs, reason = "gungraun's macros make items that are public")]
#![expect(clippy::expect_used, reason = "a bench that cannot be set up has nothing to say")]

use std::sync::Arc;
use std::time::Duration;

use gungraun::prelude::*;
use gungraun::{Callgrind, Dhat};
use health_runtime::{Check, Health, HealthState, Kind, Report};
use tokio::runtime::{Builder, Runtime};

/// Longer than any run under a profiler, so that no run times out.
const LONG: Duration = Duration::from_secs(600);

/// Creates a runtime with one thread, and a `Health` with this many checks that have run before.
fn checks(count: usize) -> (Runtime, Health) {
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime of one thread is made");
    let check = |number| {
        let check = Check::readiness(format!("check-{number}"), || async { tokio::task::yield_now().await });
        check.cache(Duration::ZERO).timeout(LONG)
    };
    let builder = Health::builder().linked_checks(false).deadline(LONG);
    let builder = (0..count).fold(builder, |builder, number| builder.check(check(number)));
    let health = {
        let _runtime = runtime.enter();
        builder.start().expect("nothing is wrong with these checks")
    };
    for _ in 0..3 {
        let report = runtime.block_on(health.report(Kind::Readiness));
        assert_eq!((report.state(), report.checks().count()), (HealthState::Healthy, count));
    }
    (runtime, health)
}

#[library_benchmark]
#[bench::of_1(checks(1))]
#[bench::of_10(checks(10))]
#[bench::of_1000(checks(1000))]
fn run((runtime, health): (Runtime, Health)) -> (Arc<Report>, Health, Runtime) {
    (runtime.block_on(health.report(Kind::Readiness)), health, runtime)
}

library_benchmark_group!(name = runs, benchmarks = run);

main!(
    config = LibraryBenchmarkConfig::default().tool(Callgrind::default()).tool(Dhat::with_args(["--num-callers=200"])),
    library_benchmark_groups = runs
);
