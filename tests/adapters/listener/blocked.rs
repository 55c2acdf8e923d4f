//! Responses while a check blocks the check runtime, or handlers block the workers of the application.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use health_runtime::{Check, Health};
use health_tests::http::{self, Response};
use health_tests::log::Log;
use health_tests::{alone, test_name, until};
use serde_json::Value;
use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

use super::{Service, get, timed};

const MS: Duration = Duration::from_millis(1);
const PATIENCE: Duration = Duration::from_secs(30);

/// 50 ms on an idle machine. Checks and handlers here block for seconds.
const PROMPT: Duration = Duration::from_millis(500);

#[test]
fn r10_a_check_that_blocks_its_thread_delays_no_response() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let log = Log::of_process(Level::INFO, FmtSpan::NONE);
    let asleep = Check::readiness("asleep", || async { thread::sleep(2_000 * MS) }).timeout(3_000 * MS);
    let service = Service::start(|builder| builder.check(asleep), |service| service, |_| {});
    let [app, own] = service.addresses();
    let began = Instant::now();
    thread::scope(|scope| {
        let ready = [app, own].map(|address| scope.spawn(move || timed(address, "/readyz")));
        while began.elapsed() < 2_000 * MS {
            let (alive, took) = timed(own, "/livez");
            assert!(alive.status == 200 && took < PROMPT, "{took:?}: {alive:?}");
            thread::sleep(10 * MS);
        }
        for ready in ready {
            let (ready, took) = ready.join().unwrap();
            assert_eq!(ready.status, 503);
            assert!(ready.text().contains(r#""asleep":{"status":"unknown","error":"no result within 900ms"}"#), "{ready:?}");
            assert!(took > 850 * MS && took < 1_800 * MS, "the deadline of 900 ms, not the end of the run: {took:?}");
        }
    });
    let warning = until(PATIENCE, "a warning names the check", || {
        log.text().lines().find(|line| line.contains(r#"check="asleep""#)).map(ToOwned::to_owned)
    });
    assert!(warning.contains("WARN") && warning.contains("health check blocked its thread"), "{warning}");
    until(PATIENCE, "it is ready once the run has ended", || Some(()).filter(|()| get(own, "/readyz").status == 200));
}

/// An application that watches its workers with a limit of a second. `/block` blocks its worker for the given time.
fn watched(handlers: &Arc<AtomicUsize>, blocked: Duration) -> Service {
    let handlers = Arc::clone(handlers);
    let app = move |config: &mut ServiceConfig| {
        let handlers = Arc::clone(&handlers);
        let block = move || {
            handlers.fetch_add(1, Ordering::SeqCst);
            thread::sleep(blocked);
            std::future::ready(HttpResponse::Ok())
        };
        config.route("/block", web::to(block)).route("/work", web::to(|| async { work() }));
    };
    Service::start(|builder| builder.watch_workers(1_000 * MS), |service| service, app)
}

/// Uses a processor for a millisecond.
fn work() -> HttpResponse {
    let began = Instant::now();
    while began.elapsed() < MS {
        std::hint::spin_loop();
    }
    HttpResponse::Ok().finish()
}

fn workers(response: &Response) -> Value {
    response.json()["checks"]["workers"].clone()
}

#[test]
fn one_blocked_worker_is_degraded_until_its_next_heartbeat() {
    let handlers = Arc::default();
    let service = watched(&handlers, 5_000 * MS);
    let [app, own] = service.addresses();
    until(PATIENCE, "both workers are up", || Some(()).filter(|()| workers(&get(own, "/livez"))["workers"] == 2));
    thread::scope(|scope| {
        let blocked = scope.spawn(|| get(app, "/block").status);
        until(PATIENCE, "the handler runs", || Some(()).filter(|()| handlers.load(Ordering::SeqCst) == 1));
        let began = Instant::now();
        let mut degraded_at = Vec::new();
        while !blocked.is_finished() {
            let at = began.elapsed();
            let (response, took) = timed(own, "/livez");
            assert!(response.status == 200 && took < PROMPT, "{took:?}: {response:?}");
            let workers = workers(&response);
            if workers["status"] == "degraded" {
                assert_eq!(workers["error"], "1 of 2 workers made no progress within 1s");
                assert_eq!((&workers["workers"], &workers["late"]), (&Value::from(2), &Value::from(1)));
                assert!(workers["lag_ms"].as_u64().unwrap() > 1_000, "{workers}");
                degraded_at.push(at);
            } else {
                assert!(degraded_at.is_empty() || at > 4_900 * MS, "{at:?}: {workers}");
            }
            thread::sleep(10 * MS);
        }
        assert_eq!(blocked.join().unwrap(), 200);
        // Its last heartbeat was up to a quarter of the limit before it was blocked.
        let first = degraded_at.first().unwrap();
        assert!(*first > 700 * MS && *first < 2_000 * MS, "{first:?}");
    });
    let up = || Some(()).filter(|()| workers(&get(own, "/livez"))["status"] == "up");
    until(2_000 * MS, "it is up after its next heartbeat", up);
}

#[test]
fn liveness_is_down_while_all_workers_are_blocked() {
    let handlers = Arc::default();
    let service = watched(&handlers, 4_000 * MS);
    let [app, own] = service.addresses();
    thread::scope(|scope| {
        // The acceptor distributes connections between the workers.
        for count in 1..=2 {
            scope.spawn(move || assert_eq!(get(app, "/block").status, 200));
            until(PATIENCE, "the handler runs", || Some(()).filter(|()| handlers.load(Ordering::SeqCst) == count));
        }
        let down = until(3_000 * MS, "it is down", || Some(get(own, "/livez")).filter(|response| response.status == 503));
        let workers = workers(&down);
        assert_eq!((&workers["status"], &workers["error"]), (&"down".into(), &"no worker made progress within 1s".into()));
        assert_eq!((&workers["workers"], &workers["late"]), (&Value::from(2), &Value::from(2)));
    });
    until(2_000 * MS, "it is live again", || Some(()).filter(|()| get(own, "/livez").status == 200));
}

#[test]
fn busy_workers_that_make_progress_stay_live() {
    let service = watched(&Arc::default(), Duration::ZERO);
    let [app, own] = service.addresses();
    let (served, done) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut connection = http::Connection::open(app).unwrap();
                while !done.load(Ordering::SeqCst) {
                    connection.send(b"GET /work HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
                    assert_eq!(connection.response().unwrap().status, 200);
                    served.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        let began = Instant::now();
        while began.elapsed() < 3_000 * MS {
            for address in [own, app] {
                let response = get(address, "/livez");
                assert_eq!(response.status, 200, "{response:?}");
            }
            thread::sleep(20 * MS);
        }
        done.store(true, Ordering::SeqCst);
    });
    assert!(served.into_inner() > 100, "the workers were busy");
}

#[actix_web::test]
async fn the_listener_does_not_count_as_a_worker() {
    let health = Health::builder().linked_checks(false).watch_workers(1_000 * MS).start().unwrap();
    let captured = health.clone();
    let listeners = [
        health.listen("127.0.0.1:0", |service| service).unwrap(),
        health.listen("127.0.0.1:0", move |_| captured.service()).unwrap(),
    ];
    for listener in listeners {
        let unknown = r#"{"status":"healthy","checks":{"workers":{"status":"unknown","error":"no worker"}},"uptime_seconds":_}"#;
        assert_eq!(get(listener.local_addr(), "/livez").without_figures(), unknown);
    }
}
