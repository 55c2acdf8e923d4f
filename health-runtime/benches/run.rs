//! One run of many checks that are ready after one yield, from `Health::report` to the report: good ones, failing ones, and some that
//! all change their status.

#![expect(missing_docs, reason = "gungraun's macros make items that are public")]
#![expect(clippy::expect_used, reason = "a bench that cannot be set up has nothing to say")]

#[path = "support/runs.rs"]
mod runs;

use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use gungraun::prelude::*;
use gungraun::{Callgrind, Dhat};
use health_runtime::{Check, Health, HealthState, Kind, Report};
use tokio::runtime::Runtime;
use tokio::time::timeout;

use runs::{LONG, checks, started};

/// An error whose text is there already: creating it is not what is measured.
#[derive(Debug, Clone)]
struct Failure(Arc<str>);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Failure {}

/// Returns an error whose text has this length and a credential.
fn failure(length: usize) -> Failure {
    let text = "cannot connect to postgres://app:hunter2@db.internal:5432/orders; the server closed the connection early, ";
    Failure(text.repeat(length / text.len() + 1).get(..length).unwrap_or_default().into())
}

/// Creates ten checks that fail on every run, with an error text of this length.
fn failing(length: usize) -> (Runtime, Health) {
    let failure = failure(length);
    scripted(10, HealthState::Unhealthy, move |_| Err(failure.clone()))
}

/// Creates this many checks that were up in each run before, and now fail.
fn changing(count: usize) -> (Runtime, Health) {
    let failure = Failure("connection refused".into());
    scripted(count, HealthState::Healthy, move |run| if run < 3 { Ok(()) } else { Err(failure.clone()) })
}

/// `run` gets the number of the run, from 0 on.
fn scripted(
    count: usize,
    state: HealthState,
    run: impl Fn(usize) -> Result<(), Failure> + Clone + Send + Sync + 'static,
) -> (Runtime, Health) {
    started(count, state, |name| {
        let (run, runs) = (run.clone(), AtomicUsize::new(0));
        Check::readiness(name, move || {
            let result = run(runs.fetch_add(1, Ordering::Relaxed));
            async move {
                tokio::task::yield_now().await;
                result
            }
        })
    })
}

#[library_benchmark]
#[bench::of_1(checks(1))]
#[bench::of_10(checks(10))]
#[bench::of_1000(checks(1000))]
#[bench::of_10000(checks(10_000))]
#[bench::failing_of_10(failing(100))]
#[bench::failing_of_10_with_long_texts(failing(65_536))]
#[bench::changing_of_10(changing(10))]
#[bench::changing_of_1000(changing(1000))]
#[bench::changing_of_10000(changing(10_000))]
fn run((runtime, health): (Runtime, Health)) -> (Arc<Report>, Health, Runtime) {
    (runtime.block_on(health.report(Kind::Readiness)), health, runtime)
}

/// The least that a run needs: a task, which polls a boxed future with a timeout and catches its panics.
fn tasks(count: usize) -> (Runtime, usize) {
    let (runtime, _) = checks(0);
    (runtime, count)
}

#[library_benchmark]
#[bench::of_1000(tasks(1000))]
fn bare((runtime, count): (Runtime, usize)) -> Runtime {
    runtime.block_on(async {
        let run = || async {
            let mut future: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(tokio::task::yield_now());
            let poll = poll_fn(|cx| catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))).unwrap_or(Poll::Ready(())));
            timeout(LONG, poll).await.is_ok()
        };
        let tasks: Vec<_> = (0..count).map(|_| tokio::spawn(run())).collect();
        for task in tasks {
            assert!(task.await.expect("the task ends"));
        }
    });
    runtime
}

library_benchmark_group!(name = run_groups, benchmarks = [run, bare]);

main!(
    config = LibraryBenchmarkConfig::default().tool(Callgrind::default()).tool(Dhat::with_args(["--num-callers=200"])),
    library_benchmark_groups = run_groups
);
