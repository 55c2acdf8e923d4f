//! D5, D6: `grace` and `slow`.

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use health_runtime::{Check, Health, Kind, Status, Transition};
use health_tests::checks::{UP, builder, health, status_of, with_reason};
use health_tests::probe::get;
use tokio::time::{advance, sleep};

const SECOND: Duration = Duration::from_secs(1);

async fn observed(health: &Health) -> (Status, Option<String>) {
    status_of(&*health.report(Kind::Readiness).await, "x")
}

fn failing(reason: &str) -> (Status, Option<String>) {
    with_reason(Status::Down, reason)
}

/// Returns a check that is good while the switch is on, and runs on each probe.
fn switched(switch: &Arc<AtomicBool>) -> Check {
    cached(switch).cache(Duration::ZERO).grace(15 * SECOND)
}

fn cached(switch: &Arc<AtomicBool>) -> Check {
    let switch = Arc::clone(switch);
    Check::readiness("x", move || ready(if switch.load(SeqCst) { Ok(()) } else { Err("bad") }))
}

#[tokio::test(start_paused = true)]
async fn d5_failed_runs_keep_the_status_until_the_end_of_the_grace() {
    let switch = Arc::new(AtomicBool::new(true));
    let health = health([switched(&switch)]);
    assert_eq!(observed(&health).await, UP);
    switch.store(false, SeqCst);
    for (wait, expected) in [(5, UP), (5, UP), (4, UP), (1, failing("check failed"))] {
        advance(wait * SECOND).await;
        assert_eq!(observed(&health).await, expected);
    }
    switch.store(true, SeqCst);
    assert_eq!(observed(&health).await, UP);
}

#[tokio::test(start_paused = true)]
async fn d5_the_grace_ends_without_a_new_run() {
    let switch = Arc::new(AtomicBool::new(true));
    let check = cached(&switch).cache(60 * SECOND).grace(61 * SECOND);
    let health = health([check]);
    let mut transitions = health.subscribe();
    assert_eq!(get(&health, "/readyz").await.0, 200);
    switch.store(false, SeqCst);
    advance(60 * SECOND).await;
    let (code, body) = get(&health, "/readyz").await;
    assert_eq!(code, 200);
    assert_eq!(body, r#"{"status":"healthy","checks":{"x":{"status":"up","latency_ms":0}},"uptime_seconds":60}"#);
    // The failed run serves probes for 60 s, and the response is prepared; the grace ends before both.
    advance(Duration::from_millis(999)).await;
    assert_eq!(get(&health, "/readyz").await.0, 200);
    advance(Duration::from_millis(1)).await;
    let (code, body) = get(&health, "/readyz").await;
    assert_eq!(code, 503);
    let down =
        r#"{"status":"unhealthy","checks":{"x":{"status":"down","latency_ms":0,"error":"check failed"}},"uptime_seconds":61}"#;
    assert_eq!(body, down);
    let verbose = get(&health, "/readyz?verbose").await.1;
    assert!(verbose.contains(r#""age_ms":1000,"#) && verbose.contains(r#""consecutive_failures":1,"#), "{verbose}");
    let mut published = Vec::new();
    while published.len() < 2 {
        if let Some(Transition::Check { to, reason, .. }) = transitions.next().await {
            published.push((to, reason));
        }
    }
    assert_eq!(published, [(Status::Up, None), (Status::Down, Some("check failed".to_owned()))]);
}

#[tokio::test(start_paused = true)]
async fn d5_one_good_run_begins_the_grace_again() {
    let switch = Arc::new(AtomicBool::new(true));
    let health = health([switched(&switch)]);
    for second in 0..100_u32 {
        switch.store(second.is_multiple_of(14), SeqCst);
        assert_eq!(observed(&health).await, UP, "{second} s");
        advance(SECOND).await;
    }
}

#[tokio::test(start_paused = true)]
async fn d5_without_a_good_run_a_failure_counts_at_once() {
    let health = health([switched(&Arc::new(AtomicBool::new(false)))]);
    assert_eq!(observed(&health).await, failing("check failed"));
}

#[tokio::test(start_paused = true)]
async fn d5_after_the_grace_a_recovery_needs_the_success_threshold() {
    let switch = Arc::new(AtomicBool::new(true));
    let health = health([switched(&switch).success_threshold(2)]);
    assert_eq!(observed(&health).await, UP);
    switch.store(false, SeqCst);
    assert_eq!(observed(&health).await, UP);
    advance(15 * SECOND).await;
    switch.store(true, SeqCst);
    assert_eq!(observed(&health).await, failing("check failed"));
    assert_eq!(observed(&health).await, UP);
}

#[tokio::test(start_paused = true)]
async fn d5_a_run_past_its_timeout_is_down_within_the_grace() {
    let runs = Arc::new(AtomicU64::new(0));
    let (gate, entered) = (Arc::new(health_tests::gate::Gate::closed()), Arc::clone(&runs));
    let opened = Arc::clone(&gate);
    let check = Check::readiness(
        "x",
        health_runtime::blocking(move || {
            if entered.fetch_add(1, SeqCst) > 0 {
                gate.pass();
            }
        }),
    );
    let check = check.cache(Duration::ZERO).timeout(100 * Duration::from_millis(1)).grace(60 * SECOND);
    let health = health([check]);
    assert_eq!(observed(&health).await, UP);
    assert_eq!(observed(&health).await, failing("still running after 100ms"));
    opened.open();
}

#[tokio::test(start_paused = true)]
async fn d5_in_the_background_the_grace_ends_between_runs() {
    let switch = Arc::new(AtomicBool::new(true));
    let health = health([cached(&switch).interval(10 * SECOND).grace(12 * SECOND)]);
    sleep(Duration::from_millis(1)).await;
    assert_eq!(observed(&health).await, UP);
    switch.store(false, SeqCst);
    // The second run starts within 10 s of the first, which was good.
    advance(11 * SECOND).await;
    sleep(Duration::from_millis(1)).await;
    assert_eq!(observed(&health).await, UP);
    advance(SECOND).await;
    assert_eq!(observed(&health).await, failing("check failed"));
}

/// Returns a check whose runs take this many milliseconds.
fn taking(millis: u64) -> Check {
    Check::readiness("x", move || sleep(Duration::from_millis(millis))).cache(Duration::ZERO)
}

#[tokio::test(start_paused = true)]
async fn d6_a_slow_good_run_is_degraded() {
    for (took, expected) in [
        (199, UP),
        (200, UP),
        (201, with_reason(Status::Degraded, "slow: took 201ms")),
        (499, with_reason(Status::Degraded, "slow: took 499ms")),
    ] {
        let health = health([taking(took).timeout(Duration::from_millis(500)).slow(Duration::from_millis(200))]);
        assert_eq!(observed(&health).await, expected);
        assert_eq!(get(&health, "/readyz").await.0, 200);
        let verbose = get(&health, "/readyz?verbose").await.1;
        assert!(verbose.contains(r#""consecutive_failures":0,"#), "{verbose}");
    }
}

#[tokio::test(start_paused = true)]
async fn d6_a_changed_time_is_no_transition() {
    let took = Arc::new(AtomicU64::new(300));
    let times = Arc::clone(&took);
    let check = Check::readiness("x", move || sleep(Duration::from_millis(times.fetch_add(1, SeqCst))));
    let health = health([check.cache(Duration::ZERO).slow(Duration::from_millis(200))]);
    let mut transitions = health.subscribe();
    for millis in 300..310 {
        assert_eq!(observed(&health).await, with_reason(Status::Degraded, &format!("slow: took {millis}ms")));
    }
    drop(health);
    let mut checks = Vec::new();
    while let Some(transition) = transitions.next().await {
        if let Transition::Check { to, .. } = transition {
            checks.push(to);
        }
    }
    assert_eq!(checks, [Status::Degraded]);
}

#[tokio::test(start_paused = true)]
async fn d6_other_results_of_a_slow_run_keep_their_reason() {
    use health_runtime::Outcome;
    let outcomes = [
        (Outcome::degraded("12s behind"), Status::Degraded, "12s behind"),
        (Outcome::down("no leader"), Status::Down, "no leader"),
    ];
    for (outcome, status, reason) in outcomes {
        let check = Check::readiness("x", move || {
            let outcome = outcome.clone();
            async move {
                sleep(Duration::from_millis(300)).await;
                outcome
            }
        });
        let health = health([check.slow(Duration::from_millis(200))]);
        assert_eq!(observed(&health).await, with_reason(status, reason));
    }
}

#[tokio::test]
async fn a_contradictory_grace_or_slow_is_a_start_error() {
    let millis = Duration::from_millis;
    let problem = |check: Check| {
        let error = builder([check]).start().unwrap_err().to_string();
        let (_, problem) = error.split_once(") ").unwrap_or_else(|| panic!("{error}"));
        problem.to_owned()
    };
    let check = || Check::readiness("x", || async {});
    assert_eq!(
        problem(check().grace(millis(1750))),
        "has a `grace` of 1.75s, but one failed run lasts longer; give more than its `cache` of 1s and `timeout` of 750ms together"
    );
    assert_eq!(
        problem(check().interval(SECOND).grace(SECOND)),
        "has a `grace` of 1s, but one failed run lasts longer; give more than its `interval` of 1s"
    );
    assert_eq!(problem(check().grace(86_401 * SECOND)), "has a `grace` of 86401s; give at most 24h");
    assert_eq!(problem(check().grace(60 * SECOND).failure_threshold(2)), "has both `grace` and `failure_threshold`; remove one");
    assert_eq!(problem(check().slow(millis(750))), "has a `slow` of 750ms; give one above 0s and below its `timeout` of 750ms");
    assert_eq!(problem(check().slow(millis(0))), "has a `slow` of 0ns; give one above 0s and below its `timeout` of 750ms");
    let reported = || Check::reported("x", Kind::Readiness);
    assert_eq!(problem(reported().grace(60 * SECOND)), "has no runs, so its `grace` has no effect; remove it");
    assert_eq!(problem(reported().slow(millis(1))), "has no runs, so its `slow` has no effect; remove it");
    assert_eq!(problem(reported().after(["y"])), "has no runs, so its `after` has no effect; remove it");
}

#[tokio::test]
async fn an_override_of_the_grace_removes_the_threshold_and_the_reverse() {
    use std::collections::BTreeMap;
    let overrides = |json: &str| BTreeMap::from([("x".to_owned(), serde_json::from_str(json).unwrap())]);
    let check = || Check::readiness("x", || async {});
    let start = |check: Check, json: &str| {
        builder([check]).overrides(overrides(json)).start().map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(start(check().failure_threshold(3), r#"{"grace":"30s"}"#), Ok(()));
    assert_eq!(start(check().grace(30 * SECOND), r#"{"failure_threshold":3}"#), Ok(()));
    let both = start(check(), r#"{"grace":"30s","failure_threshold":3}"#).unwrap_err();
    assert!(both.ends_with("has both `grace` and `failure_threshold` in one override; remove one"), "{both}");
}
