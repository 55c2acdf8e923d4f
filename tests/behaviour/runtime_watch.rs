//! The check `runtime`, on a runtime that the test blocks itself.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use health_runtime::kubernetes::Probes;
use health_runtime::{Check, Health, Kind, PolicyOverride, Status, Transition};
use health_tests::checks::{builder, status_of, up};
use health_tests::probe::{body, get};
use tokio::runtime::Handle;
use tokio::time::{advance, sleep};

const MS: Duration = Duration::from_millis(1);

fn watched(limit: Duration) -> Health {
    builder([]).watch_runtime(limit).start().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_runtime_that_makes_progress_is_up() {
    let late = builder([]).watch_runtime(Duration::from_secs(4));
    advance(Duration::from_mins(1)).await;
    let health = late.start().unwrap();
    let up = |lag| format!(r#""runtime":{{"status":"up","lag_ms":{lag}}}"#);
    assert_eq!(get(&health, "/livez").await, (200, body("healthy", &up(0))), "the time before `start` does not count");
    sleep(2_500 * MS).await;
    let (code, text) = get(&health, "/livez").await;
    assert_eq!((code, text.contains(&up(500))), (200, true), "it beat at second 0, 1 and 2: {text}");
    let report = health.report(Kind::Liveness).await;
    let runtime = report.check("runtime").unwrap();
    assert_eq!((runtime.latency(), runtime.age()), (None, None), "it has no run");
    assert_eq!(get(&health, "/readyz/runtime").await.0, 404);

    // Nothing else runs on this runtime meanwhile.
    advance(7_900 * MS).await;
    let (code, text) = get(&health, "/livez/runtime").await;
    let down = r#""runtime":{"status":"down","error":"no progress for 8s","lag_ms":8400}"#;
    assert_eq!((code, text.contains(down)), (503, true), "{text}");
    sleep(MS).await;
    assert_eq!(status_of(&*health.report(Kind::Liveness).await, "runtime"), (Status::Up, None));
}

/// Uses real time, because it blocks its thread. No other task runs meanwhile.
#[tokio::test]
async fn a_blocked_runtime_is_down_without_a_probe() {
    let health = watched(20 * MS);
    sleep(MS).await;
    let mut transitions = health.subscribe();
    health.report(Kind::Liveness).await;
    thread::sleep(60 * MS);
    let mut changes = Vec::new();
    while changes.last() != Some(&(Status::Down, Status::Up)) {
        if let Some(Transition::Check { from, to, .. }) = transitions.next().await {
            changes.push((from, to));
        }
    }
    assert!(changes.contains(&(Status::Up, Status::Down)), "{changes:?}");
}

#[test]
fn a_runtime_of_the_checks_is_the_one_that_is_watched() {
    let checks = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let health = builder([]).watch_runtime(50 * MS).runtime(checks.handle().clone()).start().unwrap();
    let other = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let status = || other.block_on(async { health.report(Kind::Liveness).await.check("runtime").unwrap().status() });
    thread::sleep(100 * MS);
    assert_eq!(status(), Status::Down, "nothing polls it");
    checks.block_on(async { sleep(MS).await });
    health_tests::until(Duration::from_mins(2), "it is up after a heartbeat", || {
        checks.block_on(async { sleep(MS).await });
        (status() == Status::Up).then_some(())
    });
}

#[tokio::test(start_paused = true)]
async fn the_heartbeat_ends_with_the_last_health() {
    let before = Handle::current().metrics().num_alive_tasks();
    let health = watched(Duration::from_secs(1));
    assert_eq!(Handle::current().metrics().num_alive_tasks(), before + 1);
    drop(health);
    sleep(MS).await;
    assert_eq!(Handle::current().metrics().num_alive_tasks(), before);
    let off: BTreeMap<String, PolicyOverride> = serde_json::from_str(r#"{"runtime":{"enabled":false}}"#).unwrap();
    let health = builder([up(Kind::Liveness, "x")]).watch_runtime(Duration::from_secs(1)).overrides(off).start().unwrap();
    assert_eq!(health.report(Kind::Liveness).await.checks().count(), 1);
    assert_eq!(Handle::current().metrics().num_alive_tasks(), before, "nothing beats");
}

#[tokio::test(start_paused = true)]
async fn the_last_runtime_limit_wins_and_start_rejects_invalid_ones() {
    for limit in [Duration::ZERO, 9 * MS, Duration::from_secs(86_401), Duration::MAX] {
        let line = line!() + 1;
        let error = builder([]).watch_runtime(limit).start().err().unwrap();
        let place = format!("health check `runtime` ({}:{line})", file!());
        let expected = format!("health cannot start; 1 problem:\n  {place} has a limit of {limit:?}; give one from 10ms to 24h");
        assert_eq!(error.to_string(), expected);
    }
    assert!(builder([]).watch_runtime(Duration::ZERO).watch_runtime(10 * MS).watch_workers(10 * MS).start().is_ok());
    assert!(builder([]).watch_runtime(Duration::from_hours(24)).start().is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_runtime_check_follows_the_rules_for_names_and_policies() {
    let line = line!() + 2;
    let own = Check::readiness("Runtime", || async {});
    let twins = builder([own]).watch_runtime(Duration::from_secs(1)).start().err().unwrap();
    let (file, own) = (file!(), line - 1);
    let expected = format!(
        "health cannot start; 1 problem:\n  duplicate check name: health check `Runtime` ({file}:{own}) and health check \
         `runtime` ({file}:{line}); rename one"
    );
    assert_eq!(twins.to_string(), expected);
    let line = line!() + 1;
    let edited = builder([]).watch_runtime(Duration::from_secs(1)).policy("runtime", |policy| policy.timeout = MS);
    let expected = format!(
        "health cannot start; 1 problem:\n  health check `runtime` ({file}:{line}) has no runs, so its `timeout` has no effect; \
         remove it"
    );
    assert_eq!(edited.start().err().unwrap().to_string(), expected);

    let health = watched(Duration::from_secs(1));
    let refused = health.reporter("runtime").err().unwrap().to_string();
    let expected = "health check `runtime` is the runtime watch, not a reported check; create another with `Check::reported`";
    assert_eq!(refused, expected);
    let (_, text) = get(&health, "/livez?verbose").await;
    let entry = r#""critical":true,"description":"The tokio runtime of the checks made progress within 1s.","#;
    assert!(text.contains(entry) && !text.contains("checked_at"), "{text}");
    let yaml = Probes::new(&health, 8080).yaml().unwrap();
    let line = "runtime: critical, down if the runtime of the checks has made no progress within 1s";
    assert!(yaml.container(0).contains(line), "{}", yaml.container(0));
    let (_, page) = get(&health, "/livez?format=html").await;
    assert!(page.contains("none; evaluated on read; the runtime must make progress within 1s"), "{page}");
}
