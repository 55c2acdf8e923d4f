//! `start` with a thousand linked checks, half of which borrow state; then with a policy and a requirement for each.

#![expect(missing_docs, reason = "gungraun's macros make items that are public")]
#![expect(clippy::expect_used, reason = "a bench that cannot be set up has nothing to say")]
#![expect(clippy::unused_async, reason = "they are found and never run")]

use gungraun::prelude::*;
use gungraun::{Callgrind, Dhat};
use health_runtime::{Health, health_check};
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

library_benchmark_group!(name = starts, benchmarks = [start, start_changed]);

main!(
    config = LibraryBenchmarkConfig::default().tool(Callgrind::default()).tool(Dhat::with_args(["--num-callers=200"])),
    library_benchmark_groups = starts
);
