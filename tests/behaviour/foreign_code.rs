//! Code of the application that panics, hangs or calls back: the log, wakers and what checks return.

use std::future::ready;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::Duration;

use actix_web::App;
use actix_web::test::init_service;
use health_runtime::{Check, Health, HealthState, Kind, Outcome, Reporter, Status, Transition};
use health_tests::checks::{UP, builder, health, status_of, with_reason};
use health_tests::log::BrokenLog;
use health_tests::probe::{codes, get};
use health_tests::{alone, test_name, until};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(30);

/// A check that is up, then down, then up …, so that each run is a transition.
fn alternating(name: &str, runs: &Arc<AtomicUsize>) -> Check {
    let runs = Arc::clone(runs);
    Check::readiness(name, move || {
        let run = runs.fetch_add(1, Ordering::SeqCst);
        ready(if run.is_multiple_of(2) { Outcome::up() } else { Outcome::down("odd") })
    })
}

#[tokio::test(start_paused = true)]
async fn background_runs_go_on_after_a_log_that_panics() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let log = BrokenLog::of_process(4);
    let runs = Arc::default();
    let _health = health([alternating("background", &runs).interval(Duration::from_secs(1))]);
    let ten_runs = async {
        while runs.load(Ordering::SeqCst) < 10 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(Duration::from_mins(1), ten_runs).await.expect("ten runs in a minute");
    assert_eq!(log.panics_left(), 0);
}

#[tokio::test(start_paused = true)]
async fn probes_are_answered_while_the_log_panics() {
    if !alone::in_process(test_name!()) {
        return;
    }
    // The line of `start`, and one for the check and one for the kind in each probe.
    let log = BrokenLog::of_process(6);
    let health = health([alternating("x", &Arc::default()).cache(Duration::ZERO)]);
    for expected in [200, 503, 200, 503] {
        assert_eq!(get(&health, "/readyz").await.0, expected, "{} lines panic", log.panics_left());
    }
    assert_eq!(log.panics_left(), 0);
}

/// The status of the only check of liveness.
async fn liveness(health: &Health) -> Status {
    health.report(Kind::Liveness).await.checks().next().unwrap().status()
}

#[tokio::test(start_paused = true)]
async fn a_task_records_progress_while_the_log_panics() {
    if !alone::in_process(test_name!()) {
        return;
    }
    // The line of `start`, and one for the check and one for the kind with each change.
    let log = BrokenLog::of_process(7);
    let limit = Duration::from_secs(6);
    let health = health([Check::heartbeat("consumer", limit)]);
    let heartbeat = health.heartbeat("consumer").unwrap();
    for _ in 0..3 {
        heartbeat.beat();
        assert_eq!(liveness(&health).await, Status::Up, "{} lines panic", log.panics_left());
        tokio::time::sleep(limit).await;
        assert_eq!(liveness(&health).await, Status::Down, "{} lines panic", log.panics_left());
    }
    assert_eq!(log.panics_left(), 0);
}

/// Uses real time, because it blocks its thread.
#[tokio::test]
async fn a_worker_records_progress_while_the_log_panics() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let log = BrokenLog::of_process(7);
    let health = builder([]).watch_workers(Duration::from_millis(20)).start().unwrap();
    let _worker = init_service(App::new().service(health.service())).await;
    for _ in 0..3 {
        thread::sleep(Duration::from_millis(60));
        assert_eq!(liveness(&health).await, Status::Down, "{} lines panic", log.panics_left());
        let recovered = async {
            while liveness(&health).await != Status::Up {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(PATIENCE, recovered).await.expect("it is up after a heartbeat");
    }
    // The thread of the log may still print the backtraces.
    until(PATIENCE, "every line has panicked", || (log.panics_left() == 0).then_some(()));
}

#[test]
fn a_log_that_hangs_delays_no_probe_no_background_run_and_no_drain() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let log = BrokenLog::of_process(0);
    let runs = Arc::default();
    // One thread: what blocks it blocks every check.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let health = health([
            alternating("background", &runs).interval(Duration::from_millis(1)),
            alternating("probed", &Arc::default()).cache(Duration::ZERO).critical(false),
        ]);
        log.gate().close();
        while runs.load(Ordering::SeqCst) < 10 {
            let report = health.report(Kind::Readiness).await;
            assert_ne!(report.check("probed").unwrap().status(), Status::Unknown);
        }
        health.drain();
        assert_eq!(codes(&health, ["/readyz", "/livez"]).await, [503, 200]);
        assert_eq!(health.report(Kind::Readiness).await.reason(), Some("draining"));
        assert_eq!(log.gate().started() - log.gate().finished(), 1, "the log still hangs");
        log.gate().open();
    });
}

/// A waker that does something in `wake`.
struct OnWake<F>(F);

impl<F: Fn() + Send + Sync> Wake for OnWake<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

fn waker(wake: impl Fn() + Send + Sync + 'static) -> Waker {
    Arc::new(OnWake(wake)).into()
}

/// Polls the next transition with this waker, and calls `then` while the subscriber waits.
async fn while_waiting<R>(health: &Health, waker: &Waker, then: impl AsyncFnOnce() -> R) -> R {
    let mut transitions = health.subscribe();
    let mut next = pin!(transitions.next());
    assert!(next.as_mut().poll(&mut Context::from_waker(waker)).is_pending());
    then().await
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_whose_waker_panics_fails_nothing() {
    let health = health([alternating("x", &Arc::default()).cache(Duration::ZERO), Check::reported("r", Kind::Liveness)]);
    let mut others = health.subscribe();
    let reporter = health.reporter("r").unwrap();
    let panics = waker(|| panic!("on purpose"));
    let report = while_waiting(&health, &panics, async || health.report(Kind::Readiness).await).await;
    assert_eq!(status_of(&report, "x"), UP);
    while_waiting(&health, &panics, async || reporter.down("broken")).await;
    while_waiting(&health, &panics, async || health.drain()).await;
    assert_eq!(codes(&health, ["/readyz", "/livez"]).await, [503, 503]);
    drop((reporter, health));
    let mut names = Vec::new();
    while let Some(transition) = others.next().await {
        names.push(match transition {
            Transition::Check { name, to, .. } => format!("{name} {to}"),
            Transition::Kind { kind, to, .. } => format!("{kind} {to}"),
            other => format!("{other:?}"),
        });
    }
    let expected = [
        "x up",
        "readiness healthy",
        "r down",
        "liveness unhealthy",
        "readiness unhealthy",
        "x down",
        "r unknown",
        "liveness healthy",
    ];
    assert_eq!(names, expected);
}

/// An executor may run a task in the call of its waker.
#[test]
fn a_subscriber_whose_waker_reports_a_status_does_not_deadlock() {
    let (done, is_done) = mpsc::channel();
    // A deadlock would leave this thread behind.
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let status = runtime.block_on(async {
            let health = health([Check::reported("r", Kind::Readiness)]);
            let reporters = Arc::new(OnceLock::<Reporter>::new());
            let (first, second) = (health.reporter("r").unwrap(), health.reporter("r").unwrap());
            drop(reporters.set(second));
            let reports = Arc::clone(&reporters);
            let waker = waker(move || reports.get().unwrap().degraded("from a waker"));
            while_waiting(&health, &waker, async || first.up()).await;
            status_of(&*health.report(Kind::Readiness).await, "r")
        });
        done.send(status).unwrap();
    });
    assert_eq!(is_done.recv_timeout(PATIENCE).unwrap(), with_reason(Status::Degraded, "from a waker"));
}

/// An error whose text panics.
#[derive(Debug)]
struct Unprintable;

impl std::fmt::Display for Unprintable {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("on purpose")
    }
}

impl std::error::Error for Unprintable {}

#[tokio::test(start_paused = true)]
async fn an_error_whose_text_panics_is_a_run_that_panicked() {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let check = Check::readiness("x", move || {
        counted.fetch_add(1, Ordering::SeqCst);
        ready(Err::<(), _>(Unprintable))
    });
    let health = health([check.interval(Duration::from_secs(1))]);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(runs.load(Ordering::SeqCst) >= 5, "{runs:?} runs in ten seconds");
    assert_eq!(status_of(&*health.report(Kind::Readiness).await, "x"), with_reason(Status::Down, "panicked"));
}

/// An overdue run has no result: a check that only startup needs would stay `unknown` for the life of the process.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_overdue_startup_check_that_is_not_critical_holds_startup_up() {
    let (release, released) = mpsc::channel::<()>();
    let released = Arc::new(std::sync::Mutex::new(released));
    let check = Check::startup("migration", move || {
        // Blocks its thread, so it cannot be cancelled.
        let _ = released.lock().unwrap().recv();
        ready(())
    });
    let health = builder([check.critical(false).timeout(Duration::from_millis(10))]).start().unwrap();
    let overdue = loop {
        let report = health.report(Kind::Startup).await;
        if report.check("migration").unwrap().status() == Status::Down {
            break report;
        }
    };
    assert!(overdue.check("migration").unwrap().error().unwrap().starts_with("still running after "));
    assert_eq!(overdue.state(), HealthState::Unhealthy);
    assert_eq!(codes(&health, ["/startupz", "/readyz", "/livez"]).await, [503, 503, 200]);
    drop(release);
    until(PATIENCE, "the run ends", || (health.stuck_runs() == 0).then_some(()));
    assert_eq!(codes(&health, ["/startupz", "/readyz"]).await, [200, 200]);
    let kept = health.report(Kind::Startup).await;
    assert_eq!(status_of(&kept, "migration"), with_reason(Status::Down, "timed out after 10ms"));
    assert_eq!(kept.state(), HealthState::Degraded);
}
