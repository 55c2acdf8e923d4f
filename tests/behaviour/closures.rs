//! Checks made of closures: `with` and `blocking`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use health_runtime::{Check, Kind, Status, blocking, with};
use tokio::time::advance;

use health_tests::checks::{builder, health, status_of, with_reason};
use health_tests::gate::Gate;
use health_tests::probe::{body, get};

/// A pool whose clones share their runs.
#[derive(Clone, Default)]
struct Pool(Arc<AtomicUsize>);

async fn ping(pool: &Pool) -> Result<(), String> {
    pool.0.fetch_add(1, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(1)).await;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn with_gives_each_run_a_clone_that_its_future_owns() {
    let pool = Pool::default();
    let run = with(pool.clone(), |pool| async move { ping(&pool).await });
    let health = health([Check::readiness("database", run).cache(Duration::ZERO)]);
    for _ in 0..3 {
        let up = r#""database":{"status":"up","latency_ms":1}"#;
        assert_eq!(get(&health, "/readyz").await, (200, body("healthy", up)));
    }
    assert_eq!(pool.0.load(Ordering::Relaxed), 3);
}

#[tokio::test(start_paused = true)]
async fn blocking_runs_on_a_dedicated_thread_of_the_runtime() {
    let run = blocking(|| {
        tokio::runtime::Handle::current().block_on(async {});
        let thread = std::thread::current().name().map(ToOwned::to_owned);
        if thread.as_deref() == Some("health:disk") { Ok(()) } else { Err(format!("on {thread:?}")) }
    });
    let health = health([Check::readiness("disk", run)]);
    let up = r#""disk":{"status":"up","latency_ms":0}"#;
    assert_eq!(get(&health, "/readyz").await, (200, body("healthy", up)));
}

#[tokio::test(start_paused = true)]
async fn r5_a_stuck_blocking_closure_is_never_joined_by_a_second_run() {
    let gate = Arc::new(Gate::closed());
    let passed = Arc::clone(&gate);
    let check = Check::readiness("disk", blocking(move || passed.pass()));
    let health = health([check.cache(Duration::ZERO).timeout(Duration::from_millis(100))]);
    for time in ["100ms", "1s", "2s", "3s"] {
        let stuck = with_reason(Status::Down, &format!("still running after {time}"));
        assert_eq!(status_of(&*health.report(Kind::Readiness).await, "disk"), stuck);
        assert_eq!(health.stuck_runs(), 1);
        advance(Duration::from_secs(1)).await;
    }
    while gate.started() == 0 {
        std::thread::yield_now();
    }
    assert_eq!(gate.started(), 1);
    gate.open();
}

#[tokio::test]
async fn r3_a_blocking_closure_that_panics_is_down() {
    let run = blocking(|| {
        assert!(std::hint::black_box(false), "hunter2");
    });
    // Printing the backtrace takes time.
    let minute = Duration::from_mins(1);
    let health = builder([Check::readiness("disk", run).timeout(minute)]).deadline(minute).start().unwrap();
    assert_eq!(status_of(&*health.report(Kind::Readiness).await, "disk"), with_reason(Status::Down, "panicked"));
}
