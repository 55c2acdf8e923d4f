//! The kinds and their aggregate.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use health_runtime::{Check, Kind, Outcome};
use health_tests::checks::{always, builder, down, panics, up};

use super::probes::{body, codes, get, patient};
use super::served::Served;

const UP: &str = r#"{"status":"up","latency_ms":_}"#;
const BROKEN: &str = r#"{"status":"down","latency_ms":_,"error":"broken"}"#;

fn server<S: Served>(checks: impl IntoIterator<Item = Check> + Send + 'static) -> S {
    S::start(move || patient(checks).start().unwrap().service())
}

fn healthy(entries: &str) -> (u16, String) {
    (200, body("healthy", entries))
}

fn unhealthy(entries: &str) -> (u16, String) {
    (503, body("unhealthy", entries))
}

pub(super) fn k1_no_checks_are_healthy<S: Served>() {
    let server = server::<S>([]);
    for path in ["/livez", "/readyz", "/startupz", "/health", "/healthz"] {
        assert_eq!(get(&server, path), healthy(""), "{path}");
    }
}

pub(super) fn k2_only_liveness_checks_decide_livez<S: Served>() {
    let fine = server::<S>([up(Kind::Liveness, "loop")]);
    assert_eq!(get(&fine, "/livez"), healthy(&format!(r#""loop":{UP}"#)));
    let broken = server::<S>([down(Kind::Liveness, "loop")]);
    assert_eq!(get(&broken, "/livez"), unhealthy(&format!(r#""loop":{BROKEN}"#)));
    for path in ["/readyz", "/startupz"] {
        assert_eq!([get(&fine, path), get(&broken, path)], [healthy(""), healthy("")], "{path}");
    }
}

pub(super) fn k3_readiness_does_not_change_liveness<S: Served>() {
    let fine = server::<S>([up(Kind::Readiness, "database")]);
    assert_eq!(get(&fine, "/readyz"), healthy(&format!(r#""database":{UP}"#)));
    let broken = server::<S>([down(Kind::Readiness, "database")]);
    assert_eq!(get(&broken, "/readyz"), unhealthy(&format!(r#""database":{BROKEN}"#)));
    assert_eq!([get(&fine, "/livez"), get(&broken, "/livez")], [healthy(""), healthy("")]);
}

pub(super) fn k4_readiness_is_503_until_startup_passes<S: Served>() {
    assert_eq!(codes(&server::<S>([up(Kind::Startup, "migration")])), [200, 200, 200, 200]);
    let broken = server::<S>([down(Kind::Startup, "migration")]);
    assert_eq!(get(&broken, "/startupz"), unhealthy(&format!(r#""migration":{BROKEN}"#)));
    let starting = r#"{"status":"unhealthy","reason":"starting","checks":{},"uptime_seconds":_}"#;
    assert_eq!(get(&broken, "/readyz"), (503, starting.to_owned()));
    assert_eq!(get(&broken, "/livez"), healthy(""));
}

pub(super) fn k5_one_failed_liveness_check_of_two<S: Served>() {
    let server = server::<S>([down(Kind::Liveness, "a"), up(Kind::Liveness, "b"), up(Kind::Readiness, "c")]);
    assert_eq!(get(&server, "/livez"), unhealthy(&format!(r#""a":{BROKEN},"b":{UP}"#)));
    assert_eq!(get(&server, "/readyz"), healthy(&format!(r#""c":{UP}"#)));
}

pub(super) fn k6_a_failure_does_not_short_circuit_other_checks<S: Served>() {
    let server = server::<S>([down(Kind::Readiness, "a"), up(Kind::Readiness, "b"), up(Kind::Liveness, "c")]);
    assert_eq!(get(&server, "/readyz"), unhealthy(&format!(r#""a":{BROKEN},"b":{UP}"#)));
    assert_eq!(get(&server, "/livez"), healthy(&format!(r#""c":{UP}"#)));
}

pub(super) fn k7_each_endpoint_has_its_kind_and_health_has_all<S: Served>() {
    let server = server::<S>([up(Kind::Liveness, "l"), up(Kind::Readiness, "r"), down(Kind::Startup, "s")]);
    assert_eq!(get(&server, "/startupz"), unhealthy(&format!(r#""s":{BROKEN}"#)));
    assert_eq!(get(&server, "/livez"), healthy(&format!(r#""l":{UP}"#)));
    let entries = format!(r#"{{"l":{UP},"r":{UP},"s":{BROKEN}}}"#);
    let overall = format!(r#"{{"status":"unhealthy","reason":"starting","checks":{entries},"uptime_seconds":_}}"#);
    assert_eq!(get(&server, "/health"), (503, overall));
}

pub(super) fn k8_a_check_of_two_kinds_is_once_in_health<S: Served>() {
    let server = server::<S>([up(Kind::Liveness, "both").and(Kind::Readiness)]);
    for path in ["/livez", "/readyz", "/health"] {
        assert_eq!(get(&server, path), healthy(&format!(r#""both":{UP}"#)), "{path}");
    }
    assert_eq!(get(&server, "/startupz"), healthy(""));
}

pub(super) fn k10_a_failing_check_that_is_not_critical_is_200_and_degraded<S: Served>() {
    let (long, short) = (Duration::from_hours(1), Duration::from_millis(20));
    let cases = || {
        [
            (long, down(Kind::Readiness, "x"), r#""down","latency_ms":_,"error":"broken""#),
            (long, Check::readiness("x", panics), r#""down","latency_ms":_,"error":"panicked""#),
            (short, Check::readiness("x", pending::<()>), r#""unknown","error":"no result within 20ms""#),
        ]
    };
    let server =
        |deadline, check: Check| S::start(move || builder([check.timeout(long)]).deadline(deadline).start().unwrap().service());
    for (deadline, check, entry) in cases() {
        let server = server(deadline, check.critical(false));
        for path in ["/readyz", "/health", "/readyz/x"] {
            let expected = body("degraded", &format!(r#""x":{{"status":{entry}}}"#));
            assert_eq!(get(&server, path), (200, expected), "{path}");
        }
    }
    for (deadline, check, entry) in cases() {
        let expected = format!(r#""x":{{"status":{entry}}}"#);
        assert_eq!(get(&server(deadline, check), "/readyz"), unhealthy(&expected), "the same, but critical");
    }
}

pub(super) fn k11_a_hundred_and_one_checks_keep_their_order<S: Served>() {
    let name = |i: usize| format!("check-{i:03}");
    // 7 and 101 have no common factor, so this visits every number once, in an unsorted order.
    let checks = (0..101).map(move |i| i * 7 % 101).map(move |i| {
        let state = if i == 50 { down } else { up };
        state(Kind::Readiness, &name(i))
    });
    let server = server::<S>(checks);
    let entry = |i| format!(r#""{}":{}"#, name(i), if i == 50 { BROKEN } else { UP });
    let expected = unhealthy(&(0..101).map(entry).collect::<Vec<_>>().join(","));
    for _ in 0..50 {
        assert_eq!(get(&server, "/readyz"), expected);
    }
}

pub(super) fn k13_details_are_exact_and_in_their_order<S: Served>() {
    let outcome = || Outcome::down("exhausted").with("size", 10).with("status", "odd").with("by", [1.5, 2.0]);
    let server = server::<S>([always(Kind::Readiness, "pool", outcome)]);
    let entry = r#""pool":{"status":"down","latency_ms":_,"error":"exhausted","size":10,"status_":"odd","by":[1.5,2.0]}"#;
    assert_eq!(get(&server, "/readyz"), unhealthy(entry));
}

pub(super) fn k14_without_a_cache_every_probe_runs_the_check<S: Served>() {
    let broken = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&broken);
    let run = move || {
        let broken = seen.load(Ordering::SeqCst);
        async move { if broken { Err("switched off") } else { Ok(()) } }
    };
    let server = server::<S>([Check::readiness("switch", run).cache(Duration::ZERO)]);
    assert_eq!(get(&server, "/readyz"), healthy(&format!(r#""switch":{UP}"#)));
    broken.store(true, Ordering::SeqCst);
    assert_eq!(get(&server, "/readyz"), unhealthy(r#""switch":{"status":"down","latency_ms":_,"error":"check failed"}"#));
}
