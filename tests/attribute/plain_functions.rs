//! R3, R5 and R13: a plain `fn`, which runs on a dedicated thread.

use std::sync::Arc;
use std::time::Duration;

use actix_web::App;
use actix_web::test::{TestRequest, call_and_read_body, init_service};
use health_runtime::{Health, HealthBuilder, Kind, Status, health_check};
use health_tests::checks::{UP, status_of, with_reason};
use health_tests::gate::Gate;
use tokio::time::Instant;

use crate::state;

#[health_check(readiness, timeout = "100ms", cache = "0s", failure_threshold = 3)]
fn stuck(gate: &Gate) {
    // This panics on a thread without a runtime.
    let _handle = tokio::runtime::Handle::current();
    gate.pass();
}

#[health_check(readiness, name = "panics", timeout = "1m")]
fn panicking() {
    panic!("hunter2");
}

fn only_stuck(gate: Arc<Gate>) -> Health {
    let others = ["deep.check", "heartbeat", "inside_a_body", "maybe", "orders", "panics", "repository", "shallow"];
    let builder = others.into_iter().fold(Health::builder(), HealthBuilder::without);
    builder.shared_state(gate).start().unwrap()
}

async fn status(health: &Health) -> (Status, Option<String>) {
    status_of(&*health.report(Kind::Readiness).await, "stuck")
}

fn still_running(time: &str) -> (Status, Option<String>) {
    with_reason(Status::Down, &format!("still running after {time}"))
}

#[tokio::test(start_paused = true)]
async fn r5_a_stuck_function_delays_only_the_first_probe() {
    let gate = Arc::new(Gate::closed());
    let health = only_stuck(gate.clone());
    let began = Instant::now();
    assert_eq!(status(&health).await, still_running("100ms"));
    assert_eq!(began.elapsed(), Duration::from_millis(100), "the first probe waits for the limit");

    for _ in 0..42 {
        tokio::time::advance(Duration::from_secs(1)).await;
        let probed_at = Instant::now();
        let status = status(&health).await;
        assert_eq!(probed_at.elapsed(), Duration::ZERO, "no later probe waits");
        assert_eq!(status, still_running(&format!("{}s", began.elapsed().as_secs())));
    }
    // Threads do not follow the paused clock.
    while gate.started() == 0 {
        std::thread::yield_now();
    }
    assert_eq!(gate.started(), 1);
    gate.open();
}

#[tokio::test(start_paused = true)]
async fn the_timeline_of_a_stuck_function_has_the_probed_statuses() {
    let gate = Arc::new(Gate::closed());
    let health = only_stuck(gate.clone());
    for _ in 0..3 {
        health.report(Kind::Readiness).await;
        tokio::time::advance(Duration::from_mins(1)).await;
    }
    let app = init_service(App::new().service(health.service())).await;
    let page = call_and_read_body(&app, TestRequest::with_uri("/readyz?format=html").to_request()).await;
    let page = String::from_utf8(page.to_vec()).unwrap();
    let hour = "each minute: down in 4, no run in 56; status changed in 1\"";
    assert!(page.contains(hour), "{page}");
    gate.open();
}

#[tokio::test]
async fn r5_a_stuck_function_recovers_after_its_run_finishes() {
    let gate = Arc::new(Gate::closed());
    let health = only_stuck(gate.clone());
    assert_eq!(status(&health).await.0, Status::Down);
    gate.open();
    let patience = std::time::Instant::now();
    while status(&health).await != UP {
        assert!(patience.elapsed() < Duration::from_secs(30), "it does not recover");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(gate.started() >= 2);
}

#[tokio::test]
async fn r3_a_plain_function_that_panics_is_down() {
    // Printing the backtrace takes time.
    let health = state::complete(Health::builder()).deadline(Duration::from_mins(1)).start().unwrap();
    let report = health.report(Kind::Readiness).await;
    let check = report.check("panics").unwrap();
    assert_eq!((check.status(), check.error(), check.full_error()), (Status::Down, Some("panicked"), Some("panicked")));
}

#[test]
fn r13_a_stuck_function_does_not_block_runtime_shutdown() {
    let gate = Arc::new(Gate::closed());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let health = {
        let _runtime = runtime.enter();
        only_stuck(gate.clone())
    };
    runtime.block_on(async {
        let (status, error) = status(&health).await;
        assert!(status == Status::Down && error.as_ref().unwrap().starts_with("still running after "), "{error:?}");
        assert_eq!(health.stuck_runs(), 1);
        // A server waits for this on SIGTERM, besides the drain delay.
        health.drain();
    });
    let (ended, has_ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        drop(runtime);
        ended.send(()).unwrap();
    });
    has_ended.recv_timeout(Duration::from_secs(30)).expect("the runtime waits for the stuck thread");
    // The check was blocked until here.
    gate.open();
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
