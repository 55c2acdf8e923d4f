//! K: the kinds and their aggregate.

use std::future::{pending, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use health_runtime::{Check, HealthState, Kind, Outcome, Scope, Status};

use health_tests::checks::{always, builder, down, health, panics, up};
use health_tests::probe::{body, codes, get};

const ALL: [&str; 4] = ["/livez", "/readyz", "/startupz", "/health"];
const UP: &str = r#"{"status":"up","latency_ms":0}"#;
const BROKEN: &str = r#"{"status":"down","latency_ms":0,"error":"broken"}"#;

#[tokio::test(start_paused = true)]
async fn k1_no_checks_are_healthy() {
    let health = health([]);
    for path in ALL.into_iter().chain(["/healthz"]) {
        assert_eq!(get(&health, path).await, (200, body("healthy", "")), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn k2_only_liveness_checks_decide_livez() {
    let fine = health([up(Kind::Liveness, "loop")]);
    assert_eq!(get(&fine, "/livez").await, (200, body("healthy", &format!(r#""loop":{UP}"#))));
    assert_eq!(codes(&fine, ["/readyz", "/startupz"]).await, [200, 200]);

    let broken = health([down(Kind::Liveness, "loop")]);
    assert_eq!(get(&broken, "/livez").await, (503, body("unhealthy", &format!(r#""loop":{BROKEN}"#))));
    for path in ["/readyz", "/startupz"] {
        assert_eq!(get(&broken, path).await, (200, body("healthy", "")));
    }
}

#[tokio::test(start_paused = true)]
async fn k3_readiness_does_not_change_liveness() {
    let fine = health([up(Kind::Readiness, "database")]);
    assert_eq!(codes(&fine, ["/readyz", "/livez"]).await, [200, 200]);
    let broken = health([down(Kind::Readiness, "database")]);
    assert_eq!(get(&broken, "/readyz").await, (503, body("unhealthy", &format!(r#""database":{BROKEN}"#))));
    assert_eq!(get(&broken, "/livez").await, (200, body("healthy", "")));
}

#[tokio::test(start_paused = true)]
async fn k4_readiness_is_503_until_startup_passes() {
    let fine = health([up(Kind::Startup, "migration")]);
    assert_eq!(codes(&fine, ["/startupz", "/readyz", "/livez"]).await, [200, 200, 200]);

    let broken = health([down(Kind::Startup, "migration")]);
    assert_eq!(get(&broken, "/startupz").await, (503, body("unhealthy", &format!(r#""migration":{BROKEN}"#))));
    let starting = r#"{"status":"unhealthy","reason":"starting","checks":{},"uptime_seconds":0}"#;
    assert_eq!(get(&broken, "/readyz").await, (503, starting.to_owned()));
    assert_eq!(get(&broken, "/livez").await, (200, body("healthy", "")));
}

#[tokio::test(start_paused = true)]
async fn k5_one_failed_liveness_check_of_two() {
    let health = health([down(Kind::Liveness, "a"), up(Kind::Liveness, "b"), up(Kind::Readiness, "c")]);
    let entries = format!(r#""a":{BROKEN},"b":{UP}"#);
    assert_eq!(get(&health, "/livez").await, (503, body("unhealthy", &entries)));
    assert_eq!(get(&health, "/readyz").await, (200, body("healthy", &format!(r#""c":{UP}"#))));
}

#[tokio::test(start_paused = true)]
async fn k6_a_failure_does_not_short_circuit_other_checks() {
    let health = health([down(Kind::Readiness, "a"), up(Kind::Readiness, "b"), up(Kind::Liveness, "c")]);
    let entries = format!(r#""a":{BROKEN},"b":{UP}"#);
    assert_eq!(get(&health, "/readyz").await, (503, body("unhealthy", &entries)));
    assert_eq!(get(&health, "/livez").await, (200, body("healthy", &format!(r#""c":{UP}"#))));
}

#[tokio::test(start_paused = true)]
async fn k7_each_endpoint_has_its_kind_and_health_has_all() {
    let health = health([up(Kind::Liveness, "l"), up(Kind::Readiness, "r"), down(Kind::Startup, "s")]);
    assert_eq!(get(&health, "/startupz").await, (503, body("unhealthy", &format!(r#""s":{BROKEN}"#))));
    assert_eq!(get(&health, "/livez").await, (200, body("healthy", &format!(r#""l":{UP}"#))));
    let overall =
        format!(r#"{{"status":"unhealthy","reason":"starting","checks":{{"l":{UP},"r":{UP},"s":{BROKEN}}},"uptime_seconds":0}}"#);
    assert_eq!(get(&health, "/health").await, (503, overall));
}

#[tokio::test(start_paused = true)]
async fn k8_a_check_of_two_kinds_is_once_in_health() {
    let health = health([up(Kind::Liveness, "both").and(Kind::Readiness)]);
    for path in ["/livez", "/readyz", "/health"] {
        assert_eq!(get(&health, path).await, (200, body("healthy", &format!(r#""both":{UP}"#))), "{path}");
    }
    assert_eq!(get(&health, "/startupz").await, (200, body("healthy", "")));
}

#[tokio::test(start_paused = true)]
async fn k9_degraded_is_200_and_down_takes_precedence() {
    let degraded = |name| always(Kind::Readiness, name, || Outcome::degraded("slow"));
    let health_of = |checks: Vec<Check>| health(checks);
    let slow = r#"{"status":"degraded","latency_ms":0,"error":"slow"}"#;

    let with_up = health_of(vec![up(Kind::Readiness, "a"), degraded("b")]);
    assert_eq!(get(&with_up, "/readyz").await, (200, body("degraded", &format!(r#""a":{UP},"b":{slow}"#))));

    for names in [["a", "b"], ["b", "a"]] {
        let with_down = health_of(vec![degraded(names[0]), down(Kind::Readiness, names[1])]);
        let (code, text) = get(&with_down, "/readyz").await;
        assert_eq!((code, text.starts_with(r#"{"status":"unhealthy","checks":{"a":"#)), (503, true), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn k10_a_failing_check_that_is_not_critical_is_200_and_degraded() {
    let checks = || {
        [
            (down(Kind::Readiness, "x"), "down", "broken"),
            (Check::readiness("x", pending::<()>).timeout(Duration::from_millis(100)), "down", "timed out after 100ms"),
            (Check::readiness("x", panics), "down", "panicked"),
            (Check::readiness("x", pending::<()>).timeout(Duration::from_secs(10)), "unknown", "no result within 900ms"),
        ]
    };
    for (check, status, error) in checks() {
        let health = health([check.critical(false)]);
        for path in ["/readyz", "/health"] {
            let (code, text) = get(&health, path).await;
            assert_eq!(code, 200, "{text}");
            assert!(text.starts_with(r#"{"status":"degraded","#), "{text}");
            assert!(text.contains(&format!(r#""x":{{"status":"{status}""#)), "{text}");
            assert!(text.contains(&format!(r#""error":"{error}""#)), "{text}");
        }
    }
    for (check, _, error) in checks() {
        let (code, text) = get(&health([check]), "/readyz").await;
        assert_eq!((code, text.contains(error)), (503, true), "the same, but critical: {text}");
    }
}

#[tokio::test(start_paused = true)]
async fn k11_a_hundred_and_one_checks_keep_their_order() {
    // 7 and 101 have no common factor, so this visits every number once, in an unsorted order.
    let checks = (0..101).map(|i| i * 7 % 101).map(|i| {
        let name = format!("check-{i:03}");
        if i == 50 { down(Kind::Readiness, &name) } else { up(Kind::Readiness, &name) }
    });
    let health = health(checks);
    let names: Vec<String> = (0..101).map(|i| format!("check-{i:03}")).collect();
    for _ in 0..50 {
        let report = health.report(Kind::Readiness).await;
        assert_eq!(report.state(), HealthState::Unhealthy);
        assert_eq!(report.checks().map(|check| check.name().to_owned()).collect::<Vec<_>>(), names);
        assert_eq!(report.checks().filter(|check| check.status() == Status::Up).count(), 100);
        assert_eq!(report.check("check-050").unwrap().status(), Status::Down);
    }
    assert_eq!(get(&health, "/readyz").await.0, 503);
}

#[tokio::test(start_paused = true)]
async fn k12_duplicate_names_are_rejected_with_both_locations() {
    for (a, b) in [("Foo", "foo"), ("same", "same")] {
        let first = Check::readiness(a, || ready(()));
        let second = Check::liveness(b, || ready(()));
        let error = builder([first, second]).start().err().unwrap().to_string();
        let file = file!();
        let line = error.split(&format!("{file}:")).nth(1).unwrap().split(')').next().unwrap().to_owned();
        let other = error.split(&format!("{file}:")).nth(2).unwrap().split(')').next().unwrap().to_owned();
        assert_ne!(line, other, "each names its own place: {error}");
        assert!(error.starts_with("health cannot start; 1 problem:\n  duplicate check name: health check `"), "{error}");
        assert!(error.contains(&format!("health check `{a}` ({file}:")), "{error}");
        assert!(error.contains(&format!("health check `{b}` ({file}:")), "{error}");
        assert!(error.ends_with("; rename one"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn k14_without_a_cache_every_probe_runs_the_check() {
    let broken = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&broken);
    let check = Check::readiness("switch", move || ready(if seen.load(Ordering::SeqCst) { Err("switched off") } else { Ok(()) }));
    let health = health([check.cache(Duration::ZERO)]);
    assert_eq!(get(&health, "/readyz").await.0, 200);
    broken.store(true, Ordering::SeqCst);
    let entry = r#""switch":{"status":"down","latency_ms":0,"error":"check failed"}"#;
    assert_eq!(get(&health, "/readyz").await, (503, body("unhealthy", entry)));
}

#[tokio::test(start_paused = true)]
async fn reports_have_the_state_of_their_scope() {
    let health = health([up(Kind::Liveness, "l"), down(Kind::Readiness, "r")]);
    assert_eq!(health.report(Kind::Liveness).await.state(), HealthState::Healthy);
    assert_eq!(health.report(Scope::All).await.state(), HealthState::Unhealthy);
}
