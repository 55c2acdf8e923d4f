//! Heap that a `Health` and its checks keep after their first run, and heap at its peak while many probes wait for their first result.

#![expect(missing_docs, reason = "gungraun's macros make items that are public")]
#![expect(clippy::expect_used, reason = "a bench that cannot be set up has nothing to say")]

#[path = "support/requests.rs"]
#[expect(dead_code, reason = "other benches use the rest")]
mod requests;

use std::time::Duration;

use actix_web::App;
use actix_web::rt::System;
use actix_web::test::{call_service, init_service};
use futures_util::future::join_all;
use gungraun::prelude::*;
use gungraun::{Callgrind, Dhat};
use health_runtime::{Check, Health, HealthBuilder, Kind};
use tokio::runtime::{Builder, Runtime};
use tokio::time::sleep;

use requests::{PATH, request_to};

/// Longer than any run under a profiler.
const LONG: Duration = Duration::from_secs(3600);

fn builder(count: usize) -> HealthBuilder {
    let check = |index| Check::readiness(format!("check-{index:03}"), || sleep(Duration::from_millis(50)));
    let check = |index| check(index).cache(LONG).timeout(LONG);
    (0..count).map(check).fold(Health::builder().linked_checks(false).deadline(LONG), HealthBuilder::check)
}

fn idle(count: usize) -> (Runtime, HealthBuilder) {
    (Builder::new_current_thread().enable_time().build().expect("a runtime of one thread is made"), builder(count))
}

#[library_benchmark]
#[bench::of_0(idle(0))]
#[bench::of_1000(idle(1000))]
fn first_run((runtime, builder): (Runtime, HealthBuilder)) -> Runtime {
    let guard = runtime.enter();
    let health = builder.start().expect("nothing is wrong with these checks");
    drop(guard);
    drop(runtime.block_on(health.report(Kind::Readiness)));
    // Not dropped, so that memory that is kept is distinct from memory that is only used for the run.
    std::mem::forget(health);
    runtime
}

/// Sends this many probes at once.
type Crowd = Box<dyn FnOnce(usize)>;

/// On a paused clock, so that all probes wait for the first result and one response is current for all.
fn crowd(checks: usize) -> Crowd {
    let system = System::new();
    let app = system.block_on(async {
        tokio::time::pause();
        let health = builder(checks).start().expect("nothing is wrong with these checks");
        init_service(App::new().service(health)).await
    });
    Box::new(move |probes| {
        let probe = |_| async { call_service(&app, request_to(PATH, None).to_request()).await.status().as_u16() };
        let codes = system.block_on(async { join_all((0..probes).map(probe)).await });
        assert!(codes.iter().all(|code| *code == 200));
    })
}

#[library_benchmark]
#[bench::of_1_check(crowd(1))]
#[bench::of_1000_checks(crowd(1000))]
fn thousand_probes(crowd: Crowd) {
    crowd(1000);
}

library_benchmark_group!(name = memory, benchmarks = [first_run, thousand_probes]);

main!(
    config = LibraryBenchmarkConfig::default().tool(Callgrind::default()).tool(Dhat::with_args(["--num-callers=200"])),
    library_benchmark_groups = memory
);
