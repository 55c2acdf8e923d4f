//! Responses while a check blocks the check runtime, or handlers block the workers of the application.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use health_runtime::{Check, Health, Kind};
use health_tests::gate::Gate;
use health_tests::http::{self, Response};
use health_tests::log::Log;
use health_tests::{alone, test_name, until};
use serde_json::Value;
use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

use super::{Service, get};

const MS: Duration = Duration::from_millis(1);
const PATIENCE: Duration = Duration::from_mins(2);

/// A limit of the worker watch that no busy machine reaches.
const NEVER: Duration = Duration::from_hours(1);

#[test]
fn r10_a_check_that_blocks_its_thread_delays_no_response() {
    let gate = Arc::new(Gate::closed());
    let blocking = Arc::clone(&gate);
    let asleep = move || {
        let gate = Arc::clone(&blocking);
        async move { gate.pass() }
    };
    let asleep = Check::readiness("asleep", asleep).timeout(Duration::from_hours(1));
    let service = Service::start(|builder| builder.check(asleep), |service| service, |_| {});
    let _open = gate.open_on_drop();
    let [app, own] = service.addresses();
    thread::scope(|scope| {
        let ready = [app, own].map(|address| scope.spawn(move || get(address, "/readyz")));
        until(PATIENCE, "the check blocks its thread", || (gate.started() == 1).then_some(()));
        for _ in 0..10 {
            assert_eq!(get(own, "/livez").status, 200);
        }
        // They are sent at the deadline, and the run is still blocked.
        for ready in ready {
            let ready = ready.join().unwrap();
            assert_eq!(ready.status, 503);
            assert!(ready.text().contains(r#""asleep":{"status":"unknown","error":"no result within 900ms"}"#), "{ready:?}");
        }
        assert_eq!((gate.started(), gate.finished()), (1, 0));
        gate.open();
    });
    until(PATIENCE, "it is ready once the run has ended", || Some(()).filter(|()| get(own, "/readyz").status == 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn r10_a_warning_names_a_check_that_blocks_its_thread() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let log = Log::of_process(Level::INFO, FmtSpan::NONE);
    let asleep = Check::readiness("asleep", || async { thread::sleep(20 * MS) }).timeout(30 * MS);
    Health::builder().linked_checks(false).check(asleep).start().unwrap().report(Kind::Readiness).await;
    let warning = until(PATIENCE, "a warning names the check", || {
        log.text().lines().find(|line| line.contains("health check blocked its thread")).map(ToOwned::to_owned)
    });
    assert!(warning.contains("WARN") && warning.contains(r#"check="asleep""#), "{warning}");
}

/// An application that watches its workers. `/block` blocks its worker while the gate is closed.
fn watched(gate: &Arc<Gate>, limit: Duration) -> Service {
    let gate = Arc::clone(gate);
    let app = move |config: &mut ServiceConfig| {
        let gate = Arc::clone(&gate);
        let block = move || {
            gate.pass();
            std::future::ready(HttpResponse::Ok())
        };
        config.route("/block", web::to(block)).route("/work", web::to(|| async { work() }));
    };
    Service::start(move |builder| builder.watch_workers(limit), |service| service, app)
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
    let gate = Arc::new(Gate::closed());
    let service = watched(&gate, 1_000 * MS);
    let _open = gate.open_on_drop();
    let [app, own] = service.addresses();
    until(PATIENCE, "both workers are up", || Some(()).filter(|()| workers(&get(own, "/livez"))["workers"] == 2));
    thread::scope(|scope| {
        let blocked = scope.spawn(|| get(app, "/block").status);
        // On a busy machine the other worker may be late for a moment.
        let degraded =
            until(PATIENCE, "one worker is late", || Some(get(own, "/livez")).filter(|response| workers(response)["late"] == 1));
        assert_eq!((degraded.status, gate.started(), gate.finished()), (200, 1, 0));
        let workers = workers(&degraded);
        assert_eq!((&workers["status"], &workers["workers"]), (&"degraded".into(), &Value::from(2)));
        assert_eq!(workers["error"], "1 of 2 workers made no progress within 1s");
        assert!(workers["lag_ms"].as_u64().unwrap() >= 1_000, "{workers}");
        gate.open();
        assert_eq!(blocked.join().unwrap(), 200);
    });
    let up = || Some(()).filter(|()| workers(&get(own, "/livez"))["status"] == "up");
    until(PATIENCE, "it is up after its next heartbeat", up);
}

#[test]
fn liveness_is_down_while_all_workers_are_blocked() {
    let gate = Arc::new(Gate::closed());
    let service = watched(&gate, 1_000 * MS);
    let _open = gate.open_on_drop();
    let [app, own] = service.addresses();
    thread::scope(|scope| {
        // The acceptor distributes connections between the workers.
        for count in 1..=2 {
            scope.spawn(move || assert_eq!(get(app, "/block").status, 200));
            until(PATIENCE, "the handler runs", || Some(()).filter(|()| gate.started() == count));
        }
        let down = until(PATIENCE, "it is down", || Some(get(own, "/livez")).filter(|response| response.status == 503));
        let workers = workers(&down);
        assert_eq!((&workers["status"], &workers["error"]), (&"down".into(), &"no worker made progress within 1s".into()));
        assert_eq!((&workers["workers"], &workers["late"]), (&Value::from(2), &Value::from(2)));
        gate.open();
    });
    until(PATIENCE, "it is live again", || Some(()).filter(|()| get(own, "/livez").status == 200));
}

#[test]
fn busy_workers_that_make_progress_stay_live() {
    let service = watched(&Arc::new(Gate::opened()), NEVER);
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
        let _ending = Ending(&done);
        until(PATIENCE, "the workers are busy", || (served.load(Ordering::SeqCst) > 100).then_some(()));
        let busy = Instant::now();
        until(PATIENCE, "both workers have recorded a heartbeat since then", || {
            let lag = workers(&get(own, "/livez"))["lag_ms"].as_u64()?;
            (Duration::from_millis(lag) + MS < busy.elapsed()).then_some(())
        });
        assert_eq!([own, app].map(|address| get(address, "/livez").status), [200, 200]);
    });
}

/// Ends the clients, also after a panic: otherwise the scope would wait for them forever.
struct Ending<'e>(&'e AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
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
