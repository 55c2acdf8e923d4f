//! What the responses report.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use health_runtime::{Check, Health, HealthBuilder, Kind, Outcome, Reporter};
use health_tests::checks::{Runs, builder, up};
use health_tests::gate::Gate;
use health_tests::http::{self, Connection};
use health_tests::until;

use super::served::Served;

const PATIENCE: Duration = Duration::from_mins(2);

/// Starts a server whose checks are reported, and returns their reporters with it.
fn reported<S: Served>(checks: &'static [(&'static str, Kind)]) -> (S, Health, Vec<Reporter>) {
    let (sender, receiver) = mpsc::channel();
    let server = S::start(move || {
        let health = builder(checks.iter().map(|(name, kind)| Check::reported(*name, *kind))).start().unwrap();
        let reporters: Vec<_> = checks.iter().map(|(name, _)| health.reporter(name).unwrap()).collect();
        sender.send((health.clone(), reporters)).unwrap();
        health.service()
    });
    let (health, reporters) = receiver.recv().unwrap();
    (server, health, reporters)
}

/// Returns a builder with these checks, whose responses wait for every run, on a slow machine too.
pub(super) fn patient(checks: impl IntoIterator<Item = Check>) -> HealthBuilder {
    builder(checks.into_iter().map(|check| check.timeout(PATIENCE))).deadline(PATIENCE)
}

pub(super) fn get(server: &impl Served, path: &str) -> (u16, String) {
    let response = http::get(server.address(), path).unwrap_or_else(|error| panic!("{path}: {error}"));
    (response.status, response.without_figures())
}

pub(super) fn codes(server: &impl Served) -> [u16; 4] {
    ["/livez", "/readyz", "/startupz", "/health"].map(|path| get(server, path).0)
}

pub(super) fn body(status: &str, entries: &str) -> String {
    format!(r#"{{"status":"{status}","checks":{{{entries}}},"uptime_seconds":_}}"#)
}

pub(super) fn k9_each_kind_has_its_state<S: Served>() {
    let (server, _health, reporters) =
        reported::<S>(&[("a", Kind::Readiness), ("b", Kind::Readiness), ("c", Kind::Liveness), ("d", Kind::Startup)]);
    let [a, b, c, d] = <[Reporter; 4]>::try_from(reporters).unwrap();
    assert_eq!(codes(&server), [200, 503, 503, 503], "nothing is reported");
    for reporter in [&a, &b, &c] {
        reporter.up();
    }
    let entries = r#""a":{"status":"up"},"b":{"status":"up"}"#;
    let starting = format!(r#"{{"status":"unhealthy","reason":"starting","checks":{{{entries}}},"uptime_seconds":_}}"#);
    assert_eq!(get(&server, "/readyz"), (503, starting));
    d.up();
    assert_eq!(codes(&server), [200, 200, 200, 200]);
    a.degraded("12s behind");
    let entries = r#""a":{"status":"degraded","error":"12s behind"},"b":{"status":"up"}"#;
    assert_eq!(get(&server, "/readyz"), (200, body("degraded", entries)));
    b.down("queue is full");
    let entries = entries.replace(r#"{"status":"up"}"#, r#"{"status":"down","error":"queue is full"}"#);
    assert_eq!(get(&server, "/readyz"), (503, body("unhealthy", &entries)));
    c.down("stuck");
    assert_eq!(codes(&server), [503, 503, 200, 503]);
    assert_eq!(get(&server, "/readyz/a").0, 200);
    assert_eq!(get(&server, "/livez/c"), (503, body("unhealthy", r#""c":{"status":"down","error":"stuck"}"#)));
}

pub(super) fn l4_a_drain_stays<S: Served>() {
    let (server, health, reporters) = reported::<S>(&[("a", Kind::Readiness)]);
    health.drain();
    for _ in 0..2 {
        assert_eq!(codes(&server), [200, 503, 200, 503]);
        reporters.iter().for_each(Reporter::up);
    }
    let draining = r#"{"status":"unhealthy","reason":"draining","checks":{"a":{"status":"up"}},"uptime_seconds":_}"#;
    assert_eq!(get(&server, "/readyz"), (503, draining.to_owned()));
}

pub(super) fn l3_startup_never_passes_after_a_drain_began<S: Served>() {
    let (server, health, reporters) = reported::<S>(&[("a", Kind::Startup)]);
    health.drain();
    reporters.iter().for_each(Reporter::up);
    for _ in 0..2 {
        assert_eq!(codes(&server), [200, 503, 503, 503]);
    }
}

pub(super) fn l7_two_healths_in_one_process_are_independent<S: Served>() {
    let [(one, health, _), (other, ..)] = [(); 2].map(|()| reported::<S>(&[]));
    health.drain();
    assert_eq!([codes(&one), codes(&other)], [[200, 503, 200, 503], [200, 200, 200, 200]]);
}

pub(super) fn l5_startup_passes_once<S: Served>() {
    let (server, _health, reporters) = reported::<S>(&[("a", Kind::Startup)]);
    assert_eq!(codes(&server), [200, 503, 503, 503]);
    reporters[0].up();
    assert_eq!(get(&server, "/readyz").0, 200, "a probe of readiness passes it");
    reporters[0].down("too late");
    assert_eq!(codes(&server), [200, 200, 200, 200]);
}

/// Starts a server with one check that passes a gate.
fn gated<S: Served>(gate: &Arc<Gate>, edit: fn(Check) -> Check) -> S {
    let gate = Arc::clone(gate);
    S::start(move || {
        let slow = health_runtime::blocking(move || gate.pass());
        let check = edit(Check::readiness("slow", slow));
        patient([check]).start().unwrap().service()
    })
}

/// Starts a server with one check whose runs are counted and fail.
fn counted<S: Served>(runs: &Runs, cache: Duration) -> S {
    let runs = runs.clone();
    S::start(move || {
        let run = move || {
            let run = runs.start();
            async move {
                tokio::task::yield_now().await;
                drop(run);
                Err::<(), _>("not yet")
            }
        };
        let queue = up(Kind::Readiness, "queue");
        patient([Check::readiness("x", run).cache(cache), queue]).start().unwrap().service()
    })
}

pub(super) fn s1_a_fresh_result_serves_every_path<S: Served>() {
    let runs = Runs::default();
    let server = counted::<S>(&runs, PATIENCE);
    for path in ["/readyz", "/readyz", "/health", "/readyz/", "/readyz/x", "/healthz", "/health/x"] {
        assert_eq!(get(&server, path).0, 503, "{path}");
    }
    assert_eq!(runs.started(), 1);
}

pub(super) fn s3_runs_never_overlap_without_a_cache<S: Served>() {
    let runs = Runs::default();
    let server = counted::<S>(&runs, Duration::ZERO);
    let address = server.address();
    thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(move || assert_eq!(http::get(address, "/readyz").unwrap().status, 503));
        }
    });
    assert_eq!(runs.most_at_once(), 1);
}

pub(super) fn s10_a_background_check_is_unknown_before_its_first_result<S: Served>() {
    let gate = Arc::new(Gate::closed());
    let server = gated::<S>(&gate, |check| check.and(Kind::Liveness).interval(PATIENCE));
    let _open = gate.open_on_drop();
    let entry = r#""slow":{"status":"unknown","error":"not run yet"}"#;
    assert_eq!(get(&server, "/readyz"), (503, body("unhealthy", entry)));
    assert_eq!(get(&server, "/livez"), (200, body("healthy", entry)));
    gate.open();
    until(PATIENCE, "its first result", || (get(&server, "/readyz").0 == 200).then_some(()));
}

pub(super) fn s13_exclude_affects_one_response<S: Served>() {
    let runs = Runs::default();
    let server = counted::<S>(&runs, PATIENCE);
    let queue = body("healthy", r#""queue":{"status":"up","latency_ms":_}"#);
    assert_eq!(get(&server, "/readyz?exclude=x"), (200, queue));
    assert_eq!(runs.started(), 0, "it is not run for nothing");
    assert_eq!(get(&server, "/readyz").0, 503);
    assert_eq!(get(&server, "/readyz?exclude=x&exclude=nope").0, 200);
    assert_eq!(get(&server, "/readyz?exclude=X").0, 503, "no check has this name");
    assert_eq!(get(&server, "/readyz").0, 503);
    assert_eq!(runs.started(), 1);
}

pub(super) fn s2_probes_at_once_share_one_run<S: Served>() {
    let gate = Arc::new(Gate::closed());
    let server = gated::<S>(&gate, |check| check.cache(PATIENCE));
    let _open = gate.open_on_drop();
    let address = server.address();
    thread::scope(|scope| {
        let probes: Vec<_> = (0..20).map(|_| scope.spawn(move || http::get(address, "/readyz").unwrap())).collect();
        until(PATIENCE, "the check runs", || (gate.started() == 1).then_some(()));
        gate.open();
        let bodies: Vec<_> = probes.into_iter().map(|probe| probe.join().unwrap().without_figures()).collect();
        assert_eq!(bodies, vec![body("healthy", r#""slow":{"status":"up","latency_ms":_}"#); 20]);
    });
    assert_eq!((gate.started(), gate.finished()), (1, 1));
}

pub(super) fn s4_a_client_that_disconnects_cancels_no_run<S: Served>() {
    let gate = Arc::new(Gate::closed());
    let server = gated::<S>(&gate, |check| check.cache(PATIENCE));
    let _open = gate.open_on_drop();
    let mut gone = Connection::open(server.address()).unwrap();
    gone.send(b"GET /readyz HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
    until(PATIENCE, "the check runs", || (gate.started() == 1).then_some(()));
    drop(gone);
    gate.open();
    assert_eq!(get(&server, "/readyz").0, 200);
    assert_eq!((gate.started(), gate.finished()), (1, 1));
}

pub(super) fn r6_the_deadline_is_kept<S: Served>() {
    let runs = Runs::default();
    let counted = runs.clone();
    let server = S::start(move || {
        let hung = move || {
            let run = counted.start();
            async move {
                std::future::pending::<()>().await;
                drop(run);
                Outcome::up()
            }
        };
        let check = Check::readiness("hung", hung).timeout(Duration::from_hours(1));
        builder([check]).deadline(Duration::from_millis(50)).start().unwrap().service()
    });
    for _ in 0..3 {
        let entry = r#""hung":{"status":"unknown","error":"no result within 50ms"}"#;
        assert_eq!(get(&server, "/readyz"), (503, body("unhealthy", entry)));
    }
    assert_eq!(runs.started(), 1);
}
