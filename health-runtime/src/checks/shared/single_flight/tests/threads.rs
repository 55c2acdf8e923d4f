use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use tokio::time::{advance, pause, timeout};

use super::super::SingleFlight;
use crate::checks::shared::spawn_blocking_thread;

const TIMEOUT: Duration = Duration::from_millis(20);

type IoSingleFlight<T> = SingleFlight<(), T, io::Error>;

/// Runs `work` on a thread, unless a call is in flight.
async fn call<T: Send + 'static>(
    single_flight: &IoSingleFlight<T>,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    single_flight.join_or_start(|_| async { spawn_blocking_thread("health:test", work)?.await }).await
}

#[tokio::test]
async fn runs_join_a_thread_that_hangs() {
    let (release, released) = mpsc::channel::<()>();
    let single_flight = IoSingleFlight::without_abandoning(());
    let hangs = move || {
        let _ = released.recv();
        Ok("first")
    };
    let first = timeout(TIMEOUT, call(&single_flight, hangs)).await;
    assert!(first.is_err(), "{first:?}");
    for _ in 0..5 {
        let cancelled = timeout(TIMEOUT, call(&single_flight, || Ok("another"))).await;
        assert!(cancelled.is_err(), "{cancelled:?}");
    }
    let (result, ()) = tokio::join!(call(&single_flight, || Ok("another")), async { drop(release) });
    assert_eq!(result.unwrap(), "first");
    assert_eq!(call(&single_flight, || Ok("second")).await.unwrap(), "second");
}

#[tokio::test]
async fn a_thread_that_hangs_is_never_abandoned() {
    let (release, released) = mpsc::channel::<()>();
    let single_flight = IoSingleFlight::without_abandoning(());
    let hangs = move || {
        let _ = released.recv();
        Ok("first")
    };
    assert!(timeout(TIMEOUT, call(&single_flight, hangs)).await.is_err());
    pause();
    advance(Duration::from_secs(24 * 60 * 60)).await;
    let (result, ()) = tokio::join!(call(&single_flight, || Ok("another")), async { drop(release) });
    assert_eq!(result.unwrap(), "first");
}

#[tokio::test]
async fn a_result_that_arrived_while_no_run_waited_is_ignored() {
    let (release, released) = mpsc::channel::<()>();
    let (exit_guard, exited) = mpsc::channel::<()>();
    let single_flight = IoSingleFlight::without_abandoning(());
    let hangs = move || {
        let _guard = exit_guard;
        let _ = released.recv();
        Ok("old")
    };
    assert!(timeout(TIMEOUT, call(&single_flight, hangs)).await.is_err());
    drop(release);
    assert!(exited.recv().is_err());
    wait_until_finished(&single_flight).await;
    assert_eq!(call(&single_flight, || Ok("new")).await.unwrap(), "new");
}

/// Waits for the result, which arrives shortly after the thread has exited.
async fn wait_until_finished<T>(single_flight: &IoSingleFlight<T>) {
    while single_flight.state.lock().await.in_flight.as_ref().is_some_and(|call| !call.task.is_finished()) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn concurrent_callers_each_get_a_result() {
    let single_flight = Arc::new(IoSingleFlight::without_abandoning(()));
    let calls = Arc::new(AtomicUsize::new(0));
    let callers = (0..10).map(|_| {
        let (single_flight, calls) = (Arc::clone(&single_flight), Arc::clone(&calls));
        tokio::spawn(async move { call(&single_flight, move || Ok(calls.fetch_add(1, Ordering::SeqCst))).await.unwrap() })
    });
    let mut results = Vec::new();
    for caller in callers.collect::<Vec<_>>() {
        results.push(caller.await.unwrap());
    }
    results.sort_unstable();
    assert_eq!(results, (0..10).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_panic_of_the_thread_is_an_error_and_the_next_call_starts() {
    let single_flight = IoSingleFlight::without_abandoning(());
    let panicked = call(&single_flight, || std::panic::resume_unwind(Box::new(()))).await;
    assert_eq!(panicked.unwrap_err().kind(), io::ErrorKind::Other);
    assert_eq!(call(&single_flight, || Ok(1)).await.unwrap(), 1);
}
