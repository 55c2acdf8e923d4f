//! R4 and R5: a future that blocks its thread, on a separate runtime and with real time, or on the paused clock.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use health_runtime::{Check, Health, Kind, Status, Transition, blocking};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{advance, sleep, timeout};

use health_tests::checks::{UP, builder, status_of, with_reason};
use health_tests::gate::Gate;

const MS: Duration = Duration::from_millis(1);
/// Longer than anything in these tests takes.
const PATIENCE: Duration = Duration::from_mins(2);

/// Returns a health whose check blocks the check runtime, which is separate from the runtime of the test.
fn blocked_by(gate: &Arc<Gate>) -> (Health, Runtime) {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let gate = Arc::clone(gate);
    let check = Check::readiness("x", move || {
        let gate = Arc::clone(&gate);
        async move { gate.pass() }
    });
    let check = check.timeout(1_000 * MS).cache(Duration::ZERO).failure_threshold(3);
    let health = builder([check]).runtime(runtime.handle().clone()).deadline(2 * PATIENCE).start().unwrap();
    (health, runtime)
}

async fn status(health: &Health) -> (Status, Option<String>) {
    status_of(&*health.report(Kind::Readiness).await, "x")
}

#[tokio::test]
async fn r5_a_blocking_future_is_down_from_its_timeout_until_a_good_run() {
    let gate = Arc::new(Gate::opened());
    let (health, runtime) = blocked_by(&gate);
    assert_eq!(status(&health).await.0, Status::Up);
    let mut transitions = health.subscribe();

    gate.close();
    // The probe that starts the run also gets its status at the timeout, before the deadline.
    let (found, error) = timeout(PATIENCE, status(&health)).await.unwrap();
    assert!(found == Status::Down && error.as_ref().unwrap().starts_with("still running after "), "{error:?}");
    gate.open();
    timeout(PATIENCE, async {
        while gate.finished() < 2 || health.stuck_runs() > 0 {
            sleep(MS).await;
        }
    })
    .await
    .unwrap();
    // One failed run is below the threshold, and does not revoke a published status.
    let mut published = Vec::new();
    while let Ok(Some(transition)) = timeout(50 * MS, transitions.next()).await {
        if let Transition::Check { from, to, .. } = transition {
            published.push((from, to));
        }
    }
    assert_eq!(published, [(Status::Up, Status::Down)]);
    assert_eq!(timeout(PATIENCE, status(&health)).await.unwrap(), UP);
    runtime.shutdown_background();
}

/// Thresholds do not apply: a stopped runtime never runs again.
#[tokio::test]
async fn checks_are_down_at_once_when_their_runtime_stops() {
    let (health, runtime) = blocked_by(&Arc::new(Gate::opened()));
    assert_eq!(status(&health).await.0, Status::Up);
    runtime.shutdown_background();
    assert_eq!(status(&health).await, with_reason(Status::Down, "runtime stopped"));
}

/// A value that a run owns and whose drop exceeds the timeout.
struct Heavy;

impl Drop for Heavy {
    fn drop(&mut self) {
        std::thread::sleep(300 * MS);
    }
}

#[tokio::test]
async fn r4_a_run_that_is_slow_to_drop_times_out() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let check = Check::readiness("x", || {
        let heavy = Heavy;
        // The future owns it, so it is dropped after the last poll.
        poll_fn(move |_| {
            let _owned = &heavy;
            Poll::Ready(())
        })
    });
    let check = check.timeout(100 * MS).cache(PATIENCE);
    let health = builder([check]).runtime(runtime.handle().clone()).deadline(PATIENCE).start().unwrap();
    assert_eq!(status(&health).await.0, Status::Down);
    timeout(PATIENCE, async {
        while health.stuck_runs() > 0 {
            sleep(MS).await;
        }
    })
    .await
    .unwrap();
    assert_eq!(status(&health).await, with_reason(Status::Down, "timed out after 100ms"));
    runtime.shutdown_background();
}

/// Advances the paused clock during one poll, as if that poll held its thread.
fn block_for(time: Duration, cx: &mut Context<'_>) -> Poll<()> {
    let _ = pin!(advance(time)).poll(cx);
    Poll::Ready(())
}

#[tokio::test(start_paused = true)]
async fn a_run_that_holds_its_thread_past_its_timeout_times_out() {
    for (time, expected) in [(99, UP), (100, with_reason(Status::Down, "timed out after 100ms"))] {
        let check = Check::readiness("x", move || poll_fn(move |cx| block_for(time * MS, cx)));
        let health = builder([check.timeout(100 * MS)]).start().unwrap();
        assert_eq!(status(&health).await, expected, "{time} ms");
    }
    // It waits for 50 ms first, so that its last poll begins before its timeout and ends after it.
    for (time, expected) in [(50, UP), (51, with_reason(Status::Down, "timed out after 100ms"))] {
        let check = Check::readiness("x", move || async move {
            sleep(50 * MS).await;
            poll_fn(|cx| block_for(time * MS, cx)).await;
        });
        let health = builder([check.timeout(100 * MS)]).start().unwrap();
        assert_eq!(status(&health).await, expected, "{time} ms after 50 ms");
    }
}

/// The run of `x` waits for a task that blocks their thread until long after its timeout, and returns in its next poll.
#[tokio::test(start_paused = true)]
async fn a_run_that_another_task_keeps_waiting_does_not_time_out() {
    let check = Check::readiness("x", || async {
        let blocks = poll_fn(|cx| block_for(150 * MS, cx));
        tokio::spawn(blocks).await.unwrap();
    });
    let health = builder([check.timeout(100 * MS)]).start().unwrap();
    assert_eq!(status(&health).await, UP);
}

/// The machine may hold a thread for longer than a timeout at any time, and a test must not fail for it.
#[tokio::test(start_paused = true)]
async fn real_time_does_not_count_on_the_paused_clock() {
    let slow = || std::thread::sleep(10 * MS);
    let checks = [Check::readiness("x", move || async move { slow() }), Check::readiness("x", blocking(slow))];
    for check in checks {
        let health = builder([check.timeout(MS)]).start().unwrap();
        assert_eq!(status(&health).await, UP);
    }
}
