//! L: startup, drain and shutdown.

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use health_runtime::{Check, Health, HealthState, Kind, Transition};
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

use health_tests::checks::{Runs, down, health, up};
use health_tests::probe::{codes, get};

#[tokio::test(start_paused = true)]
async fn l7_two_healths_in_one_process_are_independent() {
    let (a, b) = (health([up(Kind::Readiness, "x")]), health([down(Kind::Readiness, "x")]));
    assert_eq!((get(&a, "/readyz").await.0, get(&b, "/readyz").await.0), (200, 503));
    a.drain();
    let c = health([up(Kind::Readiness, "x")]);
    assert_eq!((get(&a, "/readyz").await.0, get(&c, "/readyz").await.0), (503, 200));
}

fn one_check_per_kind(startup: Check) -> Health {
    health([startup, up(Kind::Readiness, "r"), up(Kind::Liveness, "l")])
}

/// Returns a startup check that is down for this long, then up for a second, then down again.
fn up_between(from: Duration, runs: &Runs) -> Check {
    let began = Instant::now();
    let runs = runs.clone();
    Check::startup("migration", move || {
        let _run = runs.start();
        let age = began.elapsed();
        ready(if age >= from && age < from + Duration::from_secs(1) { Ok(()) } else { Err("not migrated") })
    })
}

#[tokio::test(start_paused = true)]
async fn l3_startup_never_passes_when_the_drain_starts_first() {
    let health = one_check_per_kind(up(Kind::Startup, "migration"));
    health.drain();
    for _ in 0..3 {
        assert_eq!(codes(&health, ["/startupz", "/readyz", "/livez", "/health"]).await, [503, 503, 200, 503]);
        sleep(Duration::from_secs(2)).await;
    }
    let draining =
        r#"{"status":"unhealthy","reason":"draining","checks":{"r":{"status":"up","latency_ms":0}},"uptime_seconds":6}"#;
    assert_eq!(get(&health, "/readyz").await, (503, draining.to_owned()));
}

#[tokio::test(start_paused = true)]
async fn l4_readiness_stays_503_when_a_check_recovers_during_the_drain() {
    let broken = Arc::new(AtomicBool::new(true));
    let seen = Arc::clone(&broken);
    let check = Check::readiness("x", move || ready(if seen.load(Ordering::SeqCst) { Err("no") } else { Ok(()) }));
    let health = health([check.cache(Duration::ZERO), up(Kind::Liveness, "l")]);
    assert_eq!(codes(&health, ["/readyz", "/livez"]).await, [503, 200]);
    health.drain();
    broken.store(false, Ordering::SeqCst);
    let draining =
        r#"{"status":"unhealthy","reason":"draining","checks":{"x":{"status":"up","latency_ms":0}},"uptime_seconds":0}"#;
    assert_eq!(get(&health, "/readyz").await, (503, draining.to_owned()));
    assert_eq!(codes(&health, ["/readyz/x", "/health", "/livez", "/startupz"]).await, [503, 503, 200, 200]);
}

#[tokio::test(start_paused = true)]
async fn l5_startup_passes_once_and_stays_passed() {
    let runs = Runs::default();
    let health = one_check_per_kind(up_between(Duration::from_secs(3), &runs));
    assert_eq!(codes(&health, ["/startupz", "/readyz", "/livez"]).await, [503, 503, 200]);
    sleep(Duration::from_secs(3)).await;
    assert_eq!(codes(&health, ["/startupz", "/readyz", "/health"]).await, [200, 200, 200]);
    let before = runs.started();
    for _ in 0..100 {
        sleep(Duration::from_mins(1)).await;
        assert_eq!(codes(&health, ["/startupz", "/readyz", "/health"]).await, [200, 200, 200]);
    }
    assert_eq!(runs.started(), before, "it is run no more");
    let (_, text) = get(&health, "/startupz/migration").await;
    assert!(text.contains(r#""migration":{"status":"up","latency_ms":0}"#), "it keeps its result: {text}");
}

#[tokio::test(start_paused = true)]
async fn l5_readiness_probes_run_startup_checks() {
    for path in ["/readyz", "/health", "/readyz/r"] {
        let runs = Runs::default();
        let health = one_check_per_kind(up_between(Duration::from_secs(3), &runs));
        assert_eq!(get(&health, path).await.0, 503, "{path}");
        sleep(Duration::from_secs(3)).await;
        assert_eq!(get(&health, path).await.0, 200, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn l5_startup_is_published_when_a_response_has_passed_it() {
    let health = one_check_per_kind(Check::reported("warm", Kind::Startup));
    let mut transitions = health.subscribe();
    let warm = health.reporter("warm").unwrap();
    warm.up();
    warm.down("not any more");
    assert_eq!(codes(&health, ["/startupz"]).await, [503]);
    warm.up();
    assert_eq!(codes(&health, ["/startupz", "/readyz"]).await, [200, 200]);
    warm.down("too late");
    assert_eq!(codes(&health, ["/startupz"]).await, [200]);
    drop((health, warm));
    let mut of_startup = Vec::new();
    while let Some(transition) = transitions.next().await {
        if let Transition::Kind { kind: Kind::Startup, from, to } = transition {
            of_startup.push((from, to));
        }
    }
    assert_eq!(of_startup, [(HealthState::Unhealthy, HealthState::Healthy)]);
}

#[tokio::test(start_paused = true)]
async fn l5_a_hundred_first_successes_are_one_transition() {
    let slow = Check::startup("migration", || sleep(Duration::from_millis(100)));
    let health = one_check_per_kind(slow);
    let mut transitions = health.subscribe();
    let probes = (0..100).map(|_| health.report(Kind::Readiness));
    assert!(join_all(probes).await.iter().all(|report| report.state() == HealthState::Healthy));
    drop(health);
    let mut started = 0;
    let mut became_ready = 0;
    while let Some(transition) = transitions.next().await {
        match transition {
            Transition::Kind { kind: Kind::Startup, to: HealthState::Healthy, .. } => started += 1,
            Transition::Kind { kind: Kind::Readiness, to: HealthState::Healthy, .. } => became_ready += 1,
            _ => {}
        }
    }
    assert_eq!((started, became_ready), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn l5_a_startup_check_that_is_also_readiness_keeps_running() {
    let broken = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&broken);
    let check = Check::startup("x", move || ready(if seen.load(Ordering::SeqCst) { Err("no") } else { Ok(()) }));
    let health = health([check.and(Kind::Readiness).cache(Duration::ZERO)]);
    assert_eq!(codes(&health, ["/startupz", "/readyz"]).await, [200, 200]);
    broken.store(true, Ordering::SeqCst);
    assert_eq!(codes(&health, ["/startupz", "/readyz", "/health"]).await, [200, 503, 503]);
}

#[tokio::test(start_paused = true)]
async fn l5_a_run_that_fails_after_startup_keeps_the_frozen_result() {
    // The first run is up. The run in flight when startup passes times out afterwards.
    let runs = Runs::default();
    let flaky = Check::startup("flaky", move || {
        let _run = runs.start();
        let first = runs.started() == 1;
        async move {
            if !first {
                std::future::pending::<()>().await;
            }
        }
    });
    let flaky = flaky.timeout(Duration::from_secs(5)).cache(Duration::ZERO);
    let health = health([flaky, up_between(Duration::from_secs(1), &Runs::default())]);
    assert_eq!(get(&health, "/startupz").await.0, 503);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(get(&health, "/startupz").await.0, 200);
    sleep(Duration::from_secs(20)).await;
    let entries = r#""flaky":{"status":"up","latency_ms":0},"migration":{"status":"up","latency_ms":0}"#;
    let (code, text) = get(&health, "/startupz").await;
    assert_eq!((code, text.contains(entries)), (200, true), "{text}");
}

#[tokio::test(start_paused = true)]
async fn l5_startup_waits_for_checks_that_are_not_critical() {
    let slow = || Check::startup("warm", || sleep(Duration::from_secs(2))).timeout(Duration::from_secs(5)).critical(false);
    for check in [slow(), slow().interval(Duration::from_secs(1)), Check::reported("warm", Kind::Startup).critical(false)] {
        let health = health([check]);
        let reporter = health.reporter("warm");
        assert_eq!(get(&health, "/startupz").await.0, 503, "nothing is known yet");
        sleep(Duration::from_secs(3)).await;
        if let Ok(reporter) = &reporter {
            reporter.up();
        }
        let (code, text) = get(&health, "/startupz").await;
        assert_eq!((code, text.contains(r#""warm":{"status":"up""#)), (200, true), "{text}");
        sleep(Duration::from_mins(1)).await;
        let (_, text) = get(&health, "/health").await;
        assert!(text.contains(r#""warm":{"status":"up""#), "it keeps that result: {text}");
    }
    // A failure is a result.
    let health = health([down(Kind::Startup, "warm").critical(false)]);
    assert_eq!(codes(&health, ["/startupz", "/readyz"]).await, [200, 200]);
}

#[tokio::test(start_paused = true)]
async fn liveness_probes_do_not_run_startup_checks() {
    let health = one_check_per_kind(down(Kind::Startup, "migration"));
    let mut transitions = health.subscribe();
    for _ in 0..10 {
        health.report(Kind::Readiness).await;
        sleep(Duration::from_secs(5)).await;
        health.report(Kind::Liveness).await;
        sleep(Duration::from_secs(5)).await;
    }
    drop(health);
    let mut of_migration = 0;
    while let Some(transition) = transitions.next().await {
        of_migration += usize::from(matches!(transition, Transition::Check { name, .. } if name == "migration"));
    }
    assert_eq!(of_migration, 1, "it went down once");
}

#[tokio::test(start_paused = true)]
async fn a_timeout_equal_to_the_deadline_times_out() {
    let check = Check::readiness("x", std::future::pending::<()>).timeout(Duration::from_millis(900));
    let (code, text) = get(&health([check]), "/readyz").await;
    assert_eq!((code, text.contains(r#""error":"timed out after 900ms""#)), (503, true), "{text}");
}

#[tokio::test(start_paused = true)]
async fn l6_background_tasks_end_with_the_last_health() {
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let runs = Runs::default();
    let counted = runs.clone();
    let background = Check::readiness("background", move || {
        let runs = counted.clone();
        async move { runs.run_for(Duration::from_millis(10)).await }
    });
    let checks = [
        background.interval(Duration::from_millis(100)),
        Check::readiness("hung", std::future::pending::<()>).interval(Duration::from_secs(1)).timeout(Duration::from_hours(1)),
        Check::readiness("asked", std::future::pending::<()>).timeout(Duration::from_hours(1)),
    ];
    let health = health(checks);
    let other = health.clone();
    let shutdown = other.shutdown();
    health.report(Kind::Readiness).await;
    drop(health);
    sleep(Duration::from_secs(1)).await;
    assert!(runs.started() > 5, "a clone keeps it going");
    drop(other);
    sleep(Duration::from_millis(1)).await;
    let stopped_at = runs.started();
    sleep(Duration::from_secs(10)).await;
    assert_eq!((tasks(), runs.started()), (before, stopped_at));
    drop(shutdown);
}
