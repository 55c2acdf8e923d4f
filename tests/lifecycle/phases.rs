//! L: startup, drain and shutdown, and problems at start.

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use health_runtime::{Check, Health, HealthState, Kind, Transition};
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

use health_tests::checks::{Runs, builder, down, health, up};
use health_tests::probe::{codes, get};

#[tokio::test(start_paused = true)]
async fn l7_two_healths_in_one_process_are_independent() {
    let (a, b) = (health([up(Kind::Readiness, "x")]), health([down(Kind::Readiness, "x")]));
    assert_eq!((get(&a, "/readyz").await.0, get(&b, "/readyz").await.0), (200, 503));
    a.drain();
    let c = health([up(Kind::Readiness, "x")]);
    assert_eq!((get(&a, "/readyz").await.0, get(&c, "/readyz").await.0), (503, 200));
}

#[test]
fn l8_start_reports_every_problem_at_once() {
    let error = Health::builder()
        .linked_checks(false)
        .check(Check::readiness("both", || async {}).cache(Duration::ZERO).interval(Duration::from_secs(1)))
        .check(Check::liveness("soft", || async {}).critical(false))
        .check(Check::readiness("bad name", || async {}).timeout(Duration::ZERO).failure_threshold(0))
        .without("ghost")
        .policy("phantom", |policy| policy.critical = false)
        .policy("both", |policy| policy.success_threshold = 0)
        .require(["redis"])
        .state(1_u8)
        .state(2_u8)
        .start()
        .err()
        .unwrap();
    let file = file!();
    let line = |needle: &str| 1 + include_str!("phases.rs").lines().position(|line| line.contains(needle)).unwrap();
    let (both, soft) = (line("readiness(\"both\""), line("liveness(\"soft\""));
    let (bad, state) = (line("readiness(\"bad name\""), line(".state(2_u8)"));
    let expected = [
        "health cannot start; 11 problems:".to_owned(),
        format!("`u8` ({file}:{state}) is given as state twice; wrap one in a type of its own"),
        format!("health check `both` ({file}:{both}) has both `cache` and `interval`; a background run is its own cache, so leave `cache` out"),
        format!("health check `bad name` ({file}:{bad}) has a name with other characters than `A-Z a-z 0-9 _ . -`; replace them"),
        "`without` names health check `ghost`, but no linked check of that name is in this program; there are none".to_owned(),
        "`policy` names health check `phantom`, but no check of that name is in this program; there are `bad name`, `both`, `soft`".to_owned(),
        format!("health check `bad name` ({file}:{bad}) has a `timeout` of 0ns; give one from 1ms to 1h"),
        format!("health check `bad name` ({file}:{bad}) has a `failure_threshold` of 0; give at least 1"),
        format!("health check `both` ({file}:{both}) has a `success_threshold` of 0; give at least 1"),
        format!("health check `soft` ({file}:{soft}) is liveness and not critical; make it critical, or readiness"),
        "health check `redis` is expected, but is not in this program; name its crate once, as in `health_runtime::link!(cache)`".to_owned(),
        "`start` was called outside a tokio runtime, so no check can run; call it inside one, such as `#[actix_web::main]`, or give `.runtime(handle)`".to_owned(),
    ];
    assert_eq!(error.to_string(), expected.join("\n  "));
    assert_eq!(format!("{error:?}"), error.to_string());
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
async fn start_rejects_endless_durations_and_invalid_tags() {
    let line = line!() + 1;
    let tagged = Check::readiness("x", || async {}).tags(["db", "x y", "db"]);
    let error = builder([tagged]).deadline(Duration::MAX).drain_delay(Duration::MAX).start().err().unwrap();
    let place = format!("health check `x` ({}:{line})", file!());
    let expected = [
        "health cannot start; 4 problems:".to_owned(),
        format!("{place} has the tag \"x y\"; write at most 63 of `A-Z a-z 0-9 _ . -`, a letter or digit first"),
        format!("{place} has the tag `db` twice; drop one"),
        format!("`deadline` is {:?}, which no probe waits for; give at most 24h", Duration::MAX),
        format!("`drain_delay` is {:?}, so the process would hardly ever stop; give at most 24h", Duration::MAX),
    ];
    assert_eq!(error.to_string(), expected.join("\n  "));
}

#[tokio::test(start_paused = true)]
async fn l8_start_rejects_settings_without_effect() {
    let line = line!() + 1;
    let on_demand = || Check::readiness("x", || async {});
    let place = format!("health check `x` ({}:{line})", file!());
    let long = Duration::from_secs(9);
    let edited = builder([on_demand()]).policy("x", move |policy| {
        (policy.interval, policy.cache) = (Some(long), long);
    });
    let in_background = builder([on_demand().interval(long)]).policy("x", move |policy| policy.cache = long);
    for refused in [edited, in_background] {
        let expected = format!(
            "health cannot start; 1 problem:\n  {place} has an `interval`, so the `cache` of its policy would do nothing; leave it out"
        );
        assert_eq!(refused.start().err().unwrap().to_string(), expected);
    }
    let switched = builder([on_demand().cache(long)]).policy("x", move |policy| policy.interval = Some(long));
    assert!(switched.start().is_ok(), "to change from one to the other");
}

#[tokio::test(start_paused = true)]
async fn l8_each_problem_is_reported_once() {
    let error = builder([]).version("v".repeat(257)).require(["a", "b", "a"]).start().err().unwrap();
    let expected = [
        "health cannot start; 3 problems:",
        "health check `a` is expected, but is not in this program; name its crate once, as in `health_runtime::link!(cache)`",
        "health check `b` is expected, but is not in this program; name its crate once, as in `health_runtime::link!(cache)`",
        "`version` has 257 bytes, which is more than a version; give at most 256",
    ];
    assert_eq!(error.to_string(), expected.join("\n  "));
    assert!(builder([]).version("v".repeat(256)).start().is_ok());
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
