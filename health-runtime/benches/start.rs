//! `start` with a thousand linked checks, half of which borrow state; then with a policy and a requirement, or with an override, for
//! each. Then the lookup of reporters and of checks in a report by name.

#![expect(missing_docs, reason = "gungraun's macros make items that are public")]
#![expect(clippy::expect_used, reason = "a bench that cannot be set up has nothing to say")]
#![expect(clippy::unused_async, reason = "they are found and never run")]

use std::collections::BTreeMap;
use std::sync::Arc;

use gungraun::prelude::*;
use gungraun::{Callgrind, Dhat};
use health_runtime::{Check, Health, Kind, PolicyOverride, Report, Reporter, Status, health_check};
use seq_macro::seq;
use tokio::runtime::{Builder, Runtime};

struct Pool;

seq!(N in 0..500 {
    /// It needs nothing.
    #[health_check(readiness)]
    async fn free~N() {}
});

seq!(N in 0..400 {
    /// It borrows the pool.
    #[health_check(readiness, timeout = "200ms", critical = false)]
    async fn borrows~N(_: &Pool) -> Result<(), std::io::Error> {
        Ok(())
    }
});

seq!(N in 0..100 {
    /// It has two tags and runs on a dedicated thread.
    #[health_check(liveness, readiness, tags = ["a", "b"])]
    fn tagged~N(_: Option<&String>) {}
});

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().expect("a runtime of one thread is made")
}

#[library_benchmark]
#[bench::thousand(runtime())]
fn start(runtime: Runtime) -> Runtime {
    let guard = runtime.enter();
    let health = Health::builder().state(Pool).start().expect("nothing is wrong with these checks");
    drop(guard);
    // Not dropped, so that memory that is kept is distinct from memory that is only used during `start`.
    std::mem::forget(health);
    runtime
}

/// Returns the names of all checks.
fn names() -> Vec<String> {
    let numbered = |name: &'static str, count| (0..count).map(move |number| format!("{name}{number}"));
    numbered("free", 500).chain(numbered("borrows", 400)).chain(numbered("tagged", 100)).collect()
}

#[library_benchmark]
#[bench::thousand(runtime(), names())]
fn start_changed(runtime: Runtime, names: Vec<String>) -> Runtime {
    let guard = runtime.enter();
    let builder = names.iter().fold(Health::builder().state(Pool), |builder, name| {
        builder.policy(name, |policy| policy.failure_threshold = 2).require([name.as_str()])
    });
    let health = builder.start().expect("nothing is wrong with these checks");
    drop(guard);
    std::mem::forget(health);
    runtime
}

/// Returns an override for each check.
fn overrides() -> BTreeMap<String, PolicyOverride> {
    let mut change = PolicyOverride::default();
    change.failure_threshold = Some(2);
    names().into_iter().map(|name| (name, change.clone())).collect()
}

#[library_benchmark]
#[bench::thousand(runtime(), overrides())]
fn start_overridden(runtime: Runtime, overrides: BTreeMap<String, PolicyOverride>) -> Runtime {
    let guard = runtime.enter();
    let health = Health::builder().state(Pool).overrides(overrides).start().expect("nothing is wrong with these checks");
    drop(guard);
    std::mem::forget(health);
    runtime
}

/// Creates this many reported checks, and returns their names and a report about them.
fn reported(count: usize) -> (Runtime, Health, Vec<String>, Arc<Report>) {
    let runtime = runtime();
    let names: Vec<String> = (0..count).map(|number| format!("check-{number}")).collect();
    let check = |name: &String| Check::reported(name, Kind::Readiness);
    let builder = names.iter().map(check).fold(Health::builder().linked_checks(false), health_runtime::HealthBuilder::check);
    let guard = runtime.enter();
    let health = builder.start().expect("nothing is wrong with these checks");
    drop(guard);
    let report = runtime.block_on(health.report(Kind::Readiness));
    (runtime, health, names, report)
}

type Found = (Vec<Reporter>, Health, Runtime);

#[library_benchmark]
#[bench::of_10(reported(10))]
#[bench::of_1000(reported(1000))]
fn reporters((runtime, health, names, _): (Runtime, Health, Vec<String>, Arc<Report>)) -> Found {
    let reporters = names.iter().map(|name| health.reporter(name).expect("there is such a check")).collect();
    (reporters, health, runtime)
}

#[library_benchmark]
#[bench::of_10(reported(10))]
#[bench::of_1000(reported(1000))]
fn report_checks(
    (runtime, health, names, report): (Runtime, Health, Vec<String>, Arc<Report>),
) -> (Vec<Status>, Health, Runtime) {
    let statuses = names.iter().map(|name| report.check(name).expect("there is such a check").status()).collect();
    (statuses, health, runtime)
}

library_benchmark_group!(name = starts, benchmarks = [start, start_changed, start_overridden, reporters, report_checks]);

main!(
    config = LibraryBenchmarkConfig::default().tool(Callgrind::default()).tool(Dhat::with_args(["--num-callers=200"])),
    library_benchmark_groups = starts
);
