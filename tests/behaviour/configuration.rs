//! Policies, overrides and reporters of an application.

use std::collections::BTreeMap;
use std::time::Duration;

use health_runtime::{Check, HealthState, Kind, PolicyOverride, ReporterError, Status, Transition};
use tokio::time::{advance, sleep};
use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

use health_tests::alone;
use health_tests::checks::{Runs, UP, builder, down, health, status_of, up, with_reason};
use health_tests::log::Log;
use health_tests::probe::{body, codes, get};
use health_tests::test_name;

fn overrides(json: &str) -> BTreeMap<String, PolicyOverride> {
    serde_json::from_str(json).unwrap()
}

#[tokio::test(start_paused = true)]
async fn policy_edits_a_check_by_name() {
    let health = builder([Check::readiness("slow", || sleep(Duration::from_millis(300)))])
        .policy("SLOW", |policy| policy.timeout = Duration::from_millis(50))
        .policy("slow", |policy| policy.critical = false)
        .start()
        .unwrap();
    let entry = r#""slow":{"status":"down","latency_ms":50,"error":"timed out after 50ms"}"#;
    assert_eq!(get(&health, "/readyz").await, (200, body("degraded", entry)));
}

#[tokio::test(start_paused = true)]
async fn overrides_change_and_disable_checks() {
    let runs = Runs::default();
    let counted = runs.clone();
    let check = Check::readiness("counted", move || {
        let runs = counted.clone();
        async move { runs.run_for(Duration::from_millis(1)).await }
    });
    let health = builder([check, down(Kind::Readiness, "off"), down(Kind::Readiness, "soft")])
        .overrides(overrides(
            r#"{"counted":{"cache":"1m"},"OFF":{"enabled":false},"soft":{"critical":false,"failure_threshold":3}}"#,
        ))
        .start()
        .unwrap();
    for _ in 0..50 {
        assert_eq!(health.report(Kind::Readiness).await.state(), HealthState::Degraded);
        advance(Duration::from_secs(1)).await;
    }
    assert_eq!(runs.started(), 1);
    let report = health.report(Kind::Readiness).await;
    assert_eq!(report.checks().map(|check| check.name().to_owned()).collect::<Vec<_>>(), ["counted", "soft"]);
}

#[tokio::test(start_paused = true)]
async fn the_last_change_of_a_policy_wins() {
    let health = builder([down(Kind::Readiness, "x")])
        .overrides(overrides(r#"{"x":{"enabled":false,"critical":true}}"#))
        .overrides(overrides(r#"{"x":{"enabled":true}}"#))
        .policy("x", |policy| policy.critical = false)
        .start()
        .unwrap();
    assert_eq!(get(&health, "/readyz").await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn start_rejects_invalid_overrides() {
    let line = line!() + 1;
    let error = builder([Check::readiness("x", || async {}).interval(Duration::from_secs(1))])
        .overrides(overrides(r#"{"x":{"cache":"2s","interval":"1s"},"ghost":{"critical":false}}"#))
        .overrides(overrides(r#"{"x":{"timeout":"0s"}}"#))
        .start()
        .err()
        .unwrap();
    let place = format!("health check `x` ({}:{line})", file!());
    let expected = [
        "health cannot start; 3 problems:".to_owned(),
        "`overrides` names health check `ghost`, but no check of that name is in this program; there are `x`".to_owned(),
        format!("{place} has both `cache` and `interval` in one override; remove one"),
        format!("{place} has a `timeout` of 0ns; give one from 1ms to 1h"),
    ];
    assert_eq!(error.to_string(), expected.join("\n  "));
}

#[tokio::test(start_paused = true)]
async fn an_override_of_cache_replaces_the_interval_and_the_reverse() {
    let runs = [Runs::default(), Runs::default()];
    let [background, on_demand] = ["background", "on_demand"].map(|name| {
        let runs = runs[usize::from(name == "on_demand")].clone();
        Check::readiness(name, move || {
            let runs = runs.clone();
            async move { runs.run_for(Duration::from_millis(1)).await }
        })
    });
    let second = Duration::from_secs(1);
    let health = builder([background.interval(second), on_demand.cache(second)])
        .overrides(overrides(r#"{"background":{"cache":"1h"},"on_demand":{"interval":"1h"}}"#))
        .start()
        .unwrap();
    sleep(Duration::from_secs(10)).await;
    assert_eq!(runs.each_ref().map(Runs::started), [0, 1], "each has the other schedule");
    health.report(Kind::Readiness).await;
    assert_eq!(runs.each_ref().map(Runs::started), [1, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_reported_check_has_the_worst_status_of_its_reporters() {
    let health = health([Check::reported("leader", Kind::Readiness), up(Kind::Liveness, "loop")]);
    let not_yet = r#""leader":{"status":"unknown","error":"not run yet"}"#;
    assert_eq!(get(&health, "/readyz").await, (503, body("unhealthy", not_yet)));

    let (one, other) = (health.reporter("leader").unwrap(), health.reporter("LEADER").unwrap());
    one.up();
    assert_eq!(get(&health, "/readyz").await, (200, body("healthy", r#""leader":{"status":"up"}"#)));
    other.degraded("behind");
    let behind = r#""leader":{"status":"degraded","error":"behind"}"#;
    assert_eq!(get(&health, "/readyz").await, (200, body("degraded", behind)));
    one.down("lost the lease, token=hunter2");
    let lost = r#""leader":{"status":"down","error":"lost the lease, token=***"}"#;
    assert_eq!(get(&health, "/readyz").await, (503, body("unhealthy", lost)));
    other.up();
    assert_eq!(get(&health, "/readyz").await.0, 503, "the worst counts");
    drop(one);
    assert_eq!(get(&health, "/readyz").await, (200, body("healthy", r#""leader":{"status":"up"}"#)));
    advance(Duration::from_hours(24)).await;
    assert_eq!(codes(&health, ["/readyz"]).await, [200], "without an interval it never grows old");
    drop(other);
    let report = health.report(Kind::Readiness).await;
    assert_eq!(report.check("leader").unwrap().status(), Status::Unknown);
    assert_eq!(report.check("leader").unwrap().error(), Some("not run yet"));
}

#[tokio::test(start_paused = true)]
async fn b5_a_reported_check_with_an_interval_is_down_when_no_report_comes() {
    let interval = Duration::from_secs(10);
    let health = health([
        Check::reported("feed", Kind::Readiness).interval(interval),
        Check::reported("worker", Kind::Liveness).interval(interval),
        Check::reported("quick", Kind::Liveness).interval(Duration::from_millis(100)),
    ]);
    let unknown = |name: &str| format!(r#""{name}":{{"status":"unknown","error":"not run yet"}}"#);
    assert_eq!(get(&health, "/readyz").await, (503, body("unhealthy", &unknown("feed"))));
    assert_eq!(codes(&health, ["/livez"]).await, [200], "it may not have started yet");
    advance(Duration::from_millis(250)).await;
    let quick = r#"{"status":"unhealthy","checks":{"quick":{"status":"down","error":"no report for 250ms"},"#;
    assert_eq!(get(&health, "/livez").await.1, format!("{quick}{}}},\"uptime_seconds\":0}}", unknown("worker")));

    advance(Duration::from_millis(24_749)).await;
    assert_eq!(status_of(&*health.report(Kind::Liveness).await, "worker").0, Status::Unknown);
    advance(Duration::from_millis(1)).await;
    let silent = with_reason(Status::Down, "no report for 25s");
    assert_eq!(status_of(&*health.report(Kind::Liveness).await, "worker"), silent);
    let text = r#"{"status":"unhealthy","checks":{"feed":{"status":"down","error":"no report for 25s"}},"uptime_seconds":25}"#;
    assert_eq!(get(&health, "/readyz").await, (503, text.to_owned()));
    advance(Duration::from_millis(4_999)).await;
    assert_eq!(status_of(&*health.report(Kind::Readiness).await, "feed"), with_reason(Status::Down, "no report for 29s"));

    let feed = health.reporter("feed").unwrap();
    feed.up();
    assert_eq!(status_of(&*health.report(Kind::Readiness).await, "feed"), UP);
    advance(Duration::from_millis(24_999)).await;
    assert_eq!(status_of(&*health.report(Kind::Readiness).await, "feed"), UP);
    drop(feed);
    assert_eq!(status_of(&*health.report(Kind::Readiness).await, "feed"), with_reason(Status::Unknown, "not run yet"));
    advance(Duration::from_millis(1)).await;
    assert_eq!(status_of(&*health.report(Kind::Readiness).await, "feed"), silent, "a worker that panicked drops its reporter");
}

/// A prepared response ends when the silence does, and a change of the figure alone publishes nothing.
#[tokio::test(start_paused = true)]
async fn the_silence_of_reporters_is_published_once() {
    let health = health([Check::reported("feed", Kind::Liveness).interval(Duration::from_secs(10))]);
    let mut transitions = health.subscribe();
    let feed = health.reporter("feed").unwrap();
    feed.up();
    for second in 0..60 {
        assert_eq!(get(&health, "/livez").await.0, if second < 25 { 200 } else { 503 }, "{second}");
        advance(Duration::from_secs(1)).await;
    }
    drop(health);
    let mut changes = Vec::new();
    while let Some(transition) = transitions.next().await {
        changes.extend(if let Transition::Check { from, to, .. } = transition { Some((from, to)) } else { None });
    }
    assert_eq!(changes, [(Status::Unknown, Status::Up), (Status::Up, Status::Down)]);
}

#[tokio::test(start_paused = true)]
async fn b5_a_report_of_any_reporter_ends_the_silence() {
    let check = Check::reported("feed", Kind::Readiness).interval(Duration::from_secs(10));
    let health = health([check]);
    let (one, other) = (health.reporter("feed").unwrap(), health.reporter("feed").unwrap());
    let found = async || {
        let report = health.report(Kind::Readiness).await;
        (status_of(&report, "feed"), report.check("feed").unwrap().age().unwrap().as_secs())
    };
    one.up();
    other.up();
    for _ in 0..3 {
        advance(Duration::from_secs(20)).await;
        other.up();
        assert_eq!(found().await, (UP, 0), "the age is that of the latest report");
    }
    other.down("broken");
    advance(Duration::from_secs(20)).await;
    one.up();
    assert_eq!(found().await, (with_reason(Status::Down, "broken"), 20));
    advance(Duration::from_secs(24)).await;
    assert_eq!(found().await.0, with_reason(Status::Down, "broken"));
    advance(Duration::from_secs(1)).await;
    assert_eq!(found().await.0, with_reason(Status::Down, "no report for 25s"));
    drop(other);
    one.up();
    assert_eq!(found().await, (UP, 0));
}

#[tokio::test(start_paused = true)]
async fn options_of_runs_are_a_start_error_on_checks_without_runs() {
    let line = line!() + 1;
    let reported = Check::reported("feed", Kind::Readiness)
        .timeout(Duration::from_secs(1))
        .failure_threshold(2)
        .interval(Duration::from_secs(9));
    let error = builder([reported])
        .watch_workers(Duration::from_secs(5))
        .policy("workers", |policy| policy.interval = Some(Duration::from_secs(1)))
        .overrides(overrides(r#"{"feed":{"success_threshold":3},"workers":{"cache":"5s"}}"#))
        .start()
        .err()
        .unwrap();
    let feed = format!("health check `feed` ({}:{line}) has no runs, so its", file!());
    let workers = format!("health check `workers` ({}:{}) has no runs, so its", file!(), line + 5);
    let expected = [
        "health cannot start; 4 problems:".to_owned(),
        format!("{feed} `timeout` has no effect; remove it"),
        format!("{feed} `failure_threshold` has no effect; remove it"),
        format!("{feed} `success_threshold` has no effect; remove it"),
        format!("{workers} `cache` has no effect; remove it"),
    ];
    assert_eq!(error.to_string(), expected.join("\n  "));
}

#[tokio::test(start_paused = true)]
async fn a_withdrawal_is_not_counted_as_a_run() {
    let health = health([Check::reported("feed", Kind::Readiness)]);
    let reporter = || health.reporter("feed").unwrap();
    let status = async || health.report(Kind::Readiness).await.check("feed").unwrap().status();
    let failures = async || {
        let (_, body) = get(&health, "/readyz?verbose").await;
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        body["checks"]["feed"]["consecutive_failures"].as_u64()
    };
    let (one, other, third) = (reporter(), reporter(), reporter());
    one.up();
    other.up();
    third.up();
    one.down("broken");
    other.down("broken too");
    assert_eq!((status().await, failures().await), (Status::Down, Some(2)));
    drop(other);
    assert_eq!((status().await, failures().await), (Status::Down, Some(2)), "the other one is still down");
    drop(one);
    assert_eq!(status().await, Status::Up, "its status is withdrawn");
    drop(third);
    assert_eq!(status().await, Status::Unknown);
}

#[tokio::test(start_paused = true)]
async fn only_reported_checks_have_a_reporter() {
    let health = health([up(Kind::Readiness, "x")]);
    let text = |name| health.reporter(name).map(drop).map_err(|error: ReporterError| error.to_string());
    assert_eq!(text("x"), Err("health check `x` is run, not reported; create it with `Check::reported`".to_owned()));
    let in_capitals = "health check `X` is run, not reported; create it with `Check::reported`";
    assert_eq!(text("X"), Err(in_capitals.to_owned()), "names ignore case");
    let none = "there is no health check `y`; add `Check::reported(\"y\", …)` to the builder";
    assert_eq!(text("y"), Err(none.to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_reporter_is_logged() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let log = Log::of_process(Level::DEBUG, FmtSpan::NONE);
    let health = health([Check::reported("Leader", Kind::Readiness)]);
    health.reporter("leader").unwrap().up();
    let line = "DEBUG health check `Leader`: a reporter was dropped, its status is withdrawn";
    assert_eq!(log.lines().iter().filter(|logged| *logged == line).count(), 1);
    assert_eq!(status_of(&*health.report(Kind::Readiness).await, "Leader").0, Status::Unknown);
}
