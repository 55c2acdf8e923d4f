//! R3 and R5: a plain `fn`, which gets a thread of its own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use actix_web::App;
use actix_web::test::{TestRequest, call_and_read_body, init_service};
use health_runtime::{Health, HealthBuilder, Kind, Report, Status, health_check};
use tokio::time::Instant;

use crate::state;

/// Holds its check until it is opened, and counts the runs that came.
pub(crate) struct Gate {
    open: Mutex<bool>,
    opened: Condvar,
    runs: AtomicUsize,
}

impl Gate {
    pub(crate) fn open() -> Self {
        Self { open: Mutex::new(true), opened: Condvar::new(), runs: AtomicUsize::new(0) }
    }

    fn closed() -> std::sync::Arc<Self> {
        std::sync::Arc::new(Self { open: Mutex::new(false), ..Self::open() })
    }

    fn let_go(&self) {
        *self.open.lock().unwrap() = true;
        self.opened.notify_all();
    }
}

#[health_check(readiness, timeout = "100ms", cache = "0s", failure_threshold = 3)]
fn stuck(gate: &Gate) {
    // A panic here would say that the thread has no runtime.
    let _handle = tokio::runtime::Handle::current();
    gate.runs.fetch_add(1, Ordering::SeqCst);
    drop(gate.opened.wait_while(gate.open.lock().unwrap(), |open| !*open).unwrap());
}

#[health_check(readiness, name = "panics")]
fn panicking() {
    panic!("hunter2");
}

fn only_stuck(gate: std::sync::Arc<Gate>) -> Health {
    let others = ["copied", "deep.check", "heartbeat", "inside_a_body", "maybe", "orders", "panics", "repository", "shallow"];
    let builder = others.into_iter().fold(Health::builder(), HealthBuilder::without);
    builder.shared_state(gate).start().unwrap()
}

fn said(report: &Report) -> (Status, String) {
    let check = report.check("stuck").unwrap();
    (check.status(), check.error().unwrap_or_default().to_owned())
}

#[tokio::test(start_paused = true)]
async fn r5_a_stuck_function_delays_only_the_first_probe() {
    let gate = Gate::closed();
    let health = only_stuck(gate.clone());
    let began = Instant::now();
    let report = health.report(Kind::Readiness).await;
    assert_eq!(said(&report), (Status::Down, "still running after 0s".to_owned()));
    assert_eq!(began.elapsed(), Duration::from_millis(100), "the first probe waits for the limit");

    for _ in 0..42 {
        tokio::time::advance(Duration::from_secs(1)).await;
        let asked = Instant::now();
        let report = health.report(Kind::Readiness).await;
        assert_eq!(asked.elapsed(), Duration::ZERO, "no later probe waits");
        let seconds = began.elapsed().as_secs();
        assert_eq!(said(&report), (Status::Down, format!("still running after {seconds}s")));
    }
    // The clock of the threads is not the paused one.
    while gate.runs.load(Ordering::SeqCst) == 0 {
        std::thread::yield_now();
    }
    assert_eq!(gate.runs.load(Ordering::SeqCst), 1);
    gate.let_go();
}

#[tokio::test(start_paused = true)]
async fn the_timeline_of_a_stuck_function_has_the_probed_statuses() {
    let gate = Gate::closed();
    let health = only_stuck(gate.clone());
    for _ in 0..3 {
        health.report(Kind::Readiness).await;
        tokio::time::advance(Duration::from_mins(1)).await;
    }
    let app = init_service(App::new().service(health.service())).await;
    let page = call_and_read_body(&app, TestRequest::with_uri("/readyz?format=html").to_request()).await;
    let page = String::from_utf8(page.to_vec()).unwrap();
    let hour = "each minute: down in 4, no run in 56; its status changed in 1\"";
    assert!(page.contains(hour), "{page}");
    gate.let_go();
}

#[tokio::test]
async fn r5_a_stuck_function_recovers_after_its_run_finishes() {
    let gate = Gate::closed();
    let health = only_stuck(gate.clone());
    assert_eq!(said(&*health.report(Kind::Readiness).await).0, Status::Down);
    gate.let_go();
    let patience = std::time::Instant::now();
    while said(&*health.report(Kind::Readiness).await) != (Status::Up, String::new()) {
        assert!(patience.elapsed() < Duration::from_secs(30), "it does not recover");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(gate.runs.load(Ordering::SeqCst) >= 2);
}

#[tokio::test]
async fn r3_a_plain_function_that_panics_is_down() {
    let health = state::complete(Health::builder()).start().unwrap();
    let report = health.report(Kind::Readiness).await;
    let check = report.check("panics").unwrap();
    assert_eq!((check.status(), check.error(), check.full_error()), (Status::Down, Some("panicked"), Some("panicked")));
}

#[test]
fn r13_a_stuck_function_does_not_block_runtime_shutdown() {
    let gate = Gate::closed();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let health = {
        let _runtime = runtime.enter();
        only_stuck(gate.clone())
    };
    runtime.block_on(async {
        assert_eq!(said(&*health.report(Kind::Readiness).await), (Status::Down, "still running after 0s".to_owned()));
        assert_eq!(health.stuck_runs(), 1);
        // What a server waits for on SIGTERM, with the delay as its only wait.
        health.drain();
    });
    let (ended, has_ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        drop(runtime);
        ended.send(()).unwrap();
    });
    has_ended.recv_timeout(Duration::from_secs(30)).expect("the runtime waits for the stuck thread");
    // The check was not let go until here.
    gate.let_go();
}

#[tokio::test(start_paused = true)]
async fn a_quick_plain_function_is_up_on_the_paused_clock() {
    for _ in 0..20 {
        let health = state::complete(Health::builder()).start().unwrap();
        let report = health.report(Kind::Liveness).await;
        let check = report.check("deep.check").unwrap();
        assert_eq!((check.status(), check.latency()), (Status::Up, Some(Duration::ZERO)), "{:?}", check.error());
    }
}
