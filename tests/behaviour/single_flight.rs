//! S: single flight, caching and staleness.

use std::collections::BTreeSet;
use std::future::{pending, ready};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::{App, test};
use futures_util::future::join_all;
use health_runtime::{Check, Health, Kind, Scope, Status};
use tokio::time::{Instant, advance, sleep, timeout};

use health_tests::checks::{Runs, UP, builder, health, status_of, with_reason};
use health_tests::probe::get;

const MS: Duration = Duration::from_millis(1);

/// Returns a readiness check whose runs are counted and take this long.
fn counting(runs: &Runs, time: Duration) -> Check {
    let runs = runs.clone();
    Check::readiness("x", move || {
        let runs = runs.clone();
        async move { runs.run_for(time).await }
    })
}

async fn status(health: &Health) -> (Status, Option<String>) {
    status_of(&*health.report(Kind::Readiness).await, "x")
}

#[tokio::test(start_paused = true)]
async fn s1_a_fresh_result_serves_every_path() {
    let runs = Runs::default();
    let health = health([counting(&runs, MS).cache(Duration::from_secs(10))]);
    for path in ["/readyz", "/readyz", "/health", "/readyz/", "/readyz/x", "/healthz", "/health/x"] {
        assert_eq!(get(&health, path).await.0, 200, "{path}");
    }
    assert_eq!(runs.started(), 1);
    advance(Duration::from_secs(10)).await;
    assert_eq!(get(&health, "/readyz").await.0, 200);
    assert_eq!(runs.started(), 2);
}

#[tokio::test(start_paused = true)]
async fn s2_a_thousand_concurrent_probes_share_one_run() {
    let runs = Runs::default();
    let health = health([counting(&runs, 200 * MS)]);
    let app = test::init_service(App::new().service(health.service())).await;
    let storm = (0..1000).map(|_| async {
        let request = test::TestRequest::with_uri("/readyz").to_request();
        let response = test::call_service(&app, request).await;
        (response.status().as_u16(), test::read_body(response).await)
    });
    let responses = join_all(storm).await;
    assert_eq!(runs.started(), 1);
    let expected = r#"{"status":"healthy","checks":{"x":{"status":"up","latency_ms":200}},"uptime_seconds":0}"#;
    assert_eq!(responses.len(), 1000);
    assert!(responses.iter().all(|response| *response == (200, expected.into())), "{:?}", responses[0]);
}

#[tokio::test(start_paused = true)]
async fn s3_runs_never_overlap_without_a_cache() {
    let runs = Runs::default();
    let health = health([counting(&runs, 100 * MS).cache(Duration::ZERO)]);
    let began = Instant::now();
    let callers = (0..20_u32).map(|i| {
        let health = &health;
        async move {
            sleep(i * 7 * MS).await;
            status(health).await == UP
        }
    });
    assert!(join_all(callers).await.into_iter().all(|up| up));
    assert_eq!(runs.most_at_once(), 1);
    // At 105 ms the first run has finished, and all later callers share the second.
    assert_eq!((runs.started(), began.elapsed()), (2, 205 * MS));
}

#[tokio::test(start_paused = true)]
async fn s4_a_client_that_disconnects_cancels_no_run() {
    let runs = Runs::default();
    let health = health([counting(&runs, 100 * MS)]);
    assert!(timeout(20 * MS, status(&health)).await.is_err(), "it went away");
    let began = Instant::now();
    assert_eq!(status(&health).await, UP);
    assert_eq!((runs.started(), began.elapsed()), (1, 80 * MS), "the run of the first client went on");
}

#[tokio::test(start_paused = true)]
async fn s5_a_burst_of_probes_while_not_ready_runs_once() {
    let runs = Runs::default();
    let counted = runs.clone();
    let check = Check::readiness("x", move || {
        let _run = counted.start();
        async { Err::<(), _>("not yet") }
    });
    let health = health([check]);
    for _ in 0..10 {
        assert_eq!(get(&health, "/readyz").await.0, 503);
        sleep(5 * MS).await;
    }
    assert_eq!(runs.started(), 1);
}

#[tokio::test(start_paused = true)]
async fn s6_the_interval_decides_the_number_of_background_runs() {
    let runs = Runs::default();
    let health = health([counting(&runs, MS).interval(50 * MS)]);
    let app = test::init_service(App::new().service(health.service())).await;
    for _ in 0..10_000 {
        let response = test::call_service(&app, test::TestRequest::with_uri("/readyz").to_request()).await;
        drop(response);
        sleep(MS / 10).await;
    }
    // tokio's timers count whole milliseconds, so each of these sleeps took one: 10 s. A period is 51 ms ± 5 ms, and
    // the first is a random part of that.
    assert!((10_000 / 57..=10_000 / 46 + 2).contains(&runs.started()), "{}", runs.started());
}

#[tokio::test(start_paused = true)]
async fn s7_a_background_check_that_hangs_stays_unready() {
    let runs = Runs::default();
    let counted = runs.clone();
    let check = Check::readiness("x", move || {
        let run = counted.start();
        let first = counted.started() == 1;
        async move {
            let _run = run;
            if !first {
                pending::<()>().await;
            }
        }
    });
    let health = health([check.interval(Duration::from_secs(1)).timeout(Duration::from_mins(10))]);
    sleep(MS).await;
    assert_eq!(get(&health, "/readyz").await.0, 200);
    // Its maximum age is 2.5 s and its timeout of 10 min.
    sleep(Duration::from_millis(602_500)).await;
    for _ in 0..100 {
        let (code, text) = get(&health, "/readyz").await;
        assert_eq!(code, 503, "{text}");
        sleep(Duration::from_mins(1)).await;
    }
    assert_eq!(runs.most_at_once(), 1);
}

#[tokio::test]
async fn s8_stale_background_results_become_unknown() {
    // The background task ends with the separate runtime that it runs on.
    let other = std::thread::spawn(|| tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build());
    let other = other.join().unwrap().unwrap();
    let check = Check::readiness("x", || async {}).interval(20 * MS).timeout(MS);
    let health = builder([check]).runtime(other.handle().clone()).start().unwrap();
    let patience = std::time::Instant::now();
    while status(&health).await.0 != Status::Up {
        assert!(patience.elapsed() < Duration::from_secs(30));
        sleep(MS).await;
    }
    other.shutdown_background();
    let mut ages = Vec::new();
    while status(&health).await != with_reason(Status::Unknown, "stale") {
        assert!(patience.elapsed() < Duration::from_mins(1), "{:?}", status(&health).await);
        sleep(5 * MS).await;
    }
    for _ in 0..3 {
        ages.push(health.report(Kind::Readiness).await.check("x").unwrap().age().unwrap());
        sleep(5 * MS).await;
    }
    assert!(ages.is_sorted_by(|a, b| a < b) && ages[0] > 51 * MS, "{ages:?}");
}

#[tokio::test(start_paused = true)]
async fn s9_slow_background_runs_neither_overlap_nor_burst() {
    let runs = Runs::default();
    let health = health([counting(&runs, 300 * MS).interval(100 * MS)]);
    sleep(Duration::from_secs(10)).await;
    assert_eq!(runs.most_at_once(), 1);
    // A run takes 300 ms, and the next starts 100 ms ± 10 ms after it finishes.
    assert!((24..=27).contains(&runs.started()), "{}", runs.started());

    let before = runs.started();
    // Ten seconds without a run.
    advance(Duration::from_secs(10)).await;
    sleep(Duration::from_secs(1)).await;
    assert!(runs.started() - before <= 4, "{}", runs.started() - before);
    drop(health);
}

#[tokio::test(start_paused = true)]
async fn s10_a_background_check_is_unknown_before_its_first_result() {
    let health = health([Check::readiness("x", || sleep(100 * MS)).and(Kind::Liveness).interval(Duration::from_secs(1))]);
    let entry = r#""x":{"status":"unknown","error":"not run yet"}"#;
    let body = |status| format!(r#"{{"status":"{status}","checks":{{{entry}}},"uptime_seconds":0}}"#);
    assert_eq!(get(&health, "/readyz").await, (503, body("unhealthy")));
    assert_eq!(get(&health, "/livez").await, (200, body("healthy")));
    sleep(101 * MS).await;
    assert_eq!(get(&health, "/readyz").await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn a_cached_response_has_the_current_uptime() {
    let runs = Runs::default();
    let health = health([counting(&runs, Duration::ZERO).cache(Duration::from_mins(1))]);
    let app = test::init_service(App::new().service(health.service())).await;
    advance(500 * MS).await;
    for second in [0, 0, 1, 1, 2, 2, 3] {
        let response = test::call_service(&app, test::TestRequest::with_uri("/readyz").to_request()).await;
        let body = String::from_utf8(test::read_body(response).await.to_vec()).unwrap();
        let uptime = format!(r#""uptime_seconds":{second}}}"#);
        assert!(body.ends_with(&uptime), "{second}: {body}");
        advance(499 * MS).await;
    }
    assert_eq!(runs.started(), 1);
}

#[tokio::test(start_paused = true)]
async fn s12_cached_results_follow_the_monotonic_clock() {
    // Nothing waits for the wall clock, which hardly moves while tokio's clock advances.
    let runs = Runs::default();
    let health = health([counting(&runs, MS).cache(Duration::from_secs(5))]);
    status(&health).await;
    advance(Duration::from_secs(4)).await;
    status(&health).await;
    assert_eq!(runs.started(), 1);
    advance(Duration::from_secs(1)).await;
    status(&health).await;
    assert_eq!(runs.started(), 2);
    assert_eq!(health.report(Scope::All).await.check("x").unwrap().latency(), Some(MS));
}

#[tokio::test(start_paused = true)]
async fn a_result_beyond_its_maximum_age_is_not_served_at_the_deadline() {
    let runs = Runs::default();
    let check = Check::readiness("x", move || {
        let _run = runs.start();
        let first = runs.started() == 1;
        async move {
            if !first {
                pending::<()>().await;
            }
        }
    });
    // Its maximum age: 1 s of cache, 3 s of its timeout, 0.9 s of the deadline.
    let health = health([check.timeout(Duration::from_secs(3))]);
    assert_eq!(status(&health).await, UP);
    advance(Duration::from_secs(2)).await;
    assert_eq!(status(&health).await, UP, "2.9 s old at the deadline");
    advance(Duration::from_millis(1150)).await;
    assert_eq!(status(&health).await, with_reason(Status::Unknown, "no result within 900ms"), "4.95 s old at the deadline");
    advance(Duration::from_secs(1)).await;
    assert_eq!(status(&health).await, with_reason(Status::Down, "timed out after 3s"));
}

#[tokio::test(start_paused = true)]
async fn s11_background_checks_of_one_interval_share_wake_ups() {
    let starts = Arc::new(Mutex::new(BTreeSet::new()));
    let check = |number| {
        let starts = Arc::clone(&starts);
        let run = move || {
            starts.lock().unwrap().insert(Instant::now());
            ready(())
        };
        Check::readiness(format!("c{number}"), run).interval(Duration::from_secs(1))
    };
    let _health = health((0..100).map(check));
    sleep(Duration::from_mins(1)).await;
    let wake_ups = starts.lock().unwrap().len();
    // The grid has 50 points a second, and no random choice uses all of them.
    assert!((2_000..=3_050).contains(&wake_ups), "{wake_ups}");
}
