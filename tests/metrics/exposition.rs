//! The exact text of a scrape, and the side effects that a scrape must not have.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use health_runtime::{Check, Health, Kind, Outcome, Scope};
use health_tests::checks::health;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use tokio::time::{advance, sleep};

use crate::scrape::{get, one_of_each, scrape, value};

/// Replaces times of the wall clock by `_`, because no test can pause it.
fn without_moments(text: &str) -> String {
    let line = |line: &str| match line.rsplit_once(' ') {
        Some((series, moment)) if series.starts_with("health_check_last_success_timestamp_seconds{") => {
            let age = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64() - moment.parse::<f64>().unwrap();
            assert!((-1.0..60.0).contains(&age), "{line}: {age} seconds ago");
            format!("{series} _\n")
        }
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

#[tokio::test(start_paused = true)]
async fn the_exposition_is_exact() {
    insta::assert_snapshot!("before_the_first_run", scrape(&health([Check::readiness("database", || async {})])));

    let health = one_of_each(&Arc::default());
    health.report(Scope::All).await;
    advance(Duration::from_secs(3)).await;
    get(&health, "/livez").await;
    get(&health, "/readyz/limping").await;
    get(&health, "/readyz/nobody").await;
    health.drain();
    get(&health, "/readyz/database").await;
    insta::assert_snapshot!("after_some_runs", without_moments(&scrape(&health)));
    insta::assert_snapshot!("classic", without_moments(&get(&health, "/metrics").await.1));
}

#[tokio::test(start_paused = true)]
async fn a_scrape_runs_nothing_and_changes_nothing() {
    let runs = Arc::<AtomicUsize>::default();
    let health = one_of_each(&runs);
    let mut transitions = health.subscribe();
    for _ in 0..100 {
        scrape(&health);
        assert_eq!(get(&health, "/metrics").await.0, 200);
        advance(Duration::from_secs(1)).await;
    }
    assert_eq!(runs.load(Ordering::SeqCst), 0);
    let nothing = tokio::time::timeout(Duration::from_secs(1), transitions.next()).await;
    assert!(nothing.is_err(), "{nothing:?}");
    // A scrape does not count as a probe.
    let text = scrape(&health);
    assert!(text.lines().filter(|line| line.starts_with("health_probes_total")).all(|line| line.ends_with(" 0")), "{text}");
}

#[tokio::test(start_paused = true)]
async fn runs_and_probes_are_counted_exactly() {
    const RUNS: u32 = 17;
    const PROBES: u32 = 5;
    let check = Check::readiness("x", || async { Err::<(), _>("no") }).cache(Duration::from_mins(1));
    let health = health([check, Check::readiness("panicking", health_tests::checks::panics).cache(Duration::from_mins(1))]);
    for _ in 0..RUNS {
        // The first response of a worker is rendered, the others are cached.
        let app = actix_web::test::init_service(actix_web::App::new().service(health.service())).await;
        for _ in 0..PROBES {
            let request = actix_web::test::TestRequest::with_uri("/readyz").to_request();
            assert_eq!(actix_web::test::call_service(&app, request).await.status(), 503);
        }
        advance(Duration::from_secs(61)).await;
    }
    let text = scrape(&health);
    let runs = |check: &str, result: &str| {
        value(&text, &format!("health_check_runs_total{{check=\"{check}\",result=\"{result}\"}}")).unwrap()
    };
    assert_eq!((runs("x", "down"), runs("x", "up"), runs("x", "panicked")), (RUNS.into(), 0.0, 0.0));
    assert_eq!((runs("panicking", "panicked"), runs("panicking", "down")), (RUNS.into(), 0.0));
    assert_eq!(value(&text, "health_check_duration_seconds_count{check=\"x\"}"), Some(RUNS.into()));
    let probes = value(&text, "health_probes_total{endpoint=\"readyz\",code=\"503\"}");
    assert_eq!(probes, Some((RUNS * PROBES).into()));
}

/// A stale result of an on-demand check is renewed by the next probe, so the check stays up. A stale background result is a
/// missing run.
#[tokio::test(start_paused = true)]
async fn a_stale_result_counts_on_demand_and_not_in_the_background() {
    let blocked = Arc::new(AtomicBool::new(false));
    let hangs = Arc::clone(&blocked);
    let late = move || {
        let hangs = Arc::clone(&hangs);
        async move {
            if hangs.load(Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
        }
    };
    let in_background = Check::readiness("background", late).interval(Duration::from_secs(1)).timeout(Duration::from_hours(1));
    let health = health([in_background, Check::readiness("on_demand", || async {})]);
    sleep(Duration::from_millis(10)).await;
    health.report(Kind::Readiness).await;
    let status = |check: &str| value(&scrape(&health), &format!("health_check_status{{check=\"{check}\"}}")).unwrap();
    assert_eq!((status("background"), status("on_demand")), (1.0, 1.0));

    blocked.store(true, Ordering::SeqCst);
    sleep(Duration::from_secs(3590)).await;
    let text = scrape(&health);
    let age = |check: &str| value(&text, &format!("health_check_age_seconds{{check=\"{check}\"}}")).unwrap();
    assert!(age("background") > 3580.0 && age("on_demand") > 3580.0, "{text}");
    assert_eq!(status("on_demand"), 1.0);
    sleep(Duration::from_secs(20)).await;
    assert_eq!(status("background"), 0.0, "its run has timed out");
}

#[tokio::test(start_paused = true)]
async fn a_reported_status_is_not_a_run_and_has_no_age() {
    let health = health([Check::reported("leader", Kind::Readiness)]);
    let leader = health.reporter("leader").unwrap();
    leader.degraded("follower");
    advance(Duration::from_hours(1)).await;
    let text = scrape(&health);
    assert_eq!(value(&text, "health_check_status{check=\"leader\"}"), Some(0.5));
    assert_eq!(value(&text, "health_check_runs_total{check=\"leader\",result=\"degraded\"}"), Some(0.0));
    assert_eq!(value(&text, "health_check_age_seconds{check=\"leader\"}"), None);
    assert!(value(&text, "health_check_last_success_timestamp_seconds{check=\"leader\"}").is_some(), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_passed_startup_check_has_no_age() {
    let health = health([Check::startup("warm", || async {}), Check::readiness("x", || async {})]);
    assert_eq!(value(&scrape(&health), "health_status{kind=\"readiness\"}"), Some(0.0), "starting");
    health.report(Kind::Readiness).await;
    advance(Duration::from_hours(1)).await;
    let text = scrape(&health);
    for kind in ["liveness", "readiness", "startup"] {
        assert_eq!(value(&text, &format!("health_status{{kind=\"{kind}\"}}")), Some(1.0), "{text}");
    }
    assert_eq!(value(&text, "health_check_age_seconds{check=\"warm\"}"), None);
    assert_eq!(value(&text, "health_check_age_seconds{check=\"x\"}"), Some(3600.0));
}

#[tokio::test(start_paused = true)]
async fn a_health_without_checks_exposes_only_kinds_and_probes() {
    let text = scrape(&Health::builder().linked_checks(false).start().unwrap());
    assert!(!text.contains("health_check_"), "{text}");
    assert_eq!(value(&text, "health_status{kind=\"readiness\"}"), Some(1.0));
    assert_eq!(value(&text, "health_probes_total{endpoint=\"health\",code=\"200\"}"), Some(0.0));
}

#[tokio::test]
async fn a_registry_prefix_and_labels_apply_to_every_metric() {
    let health = health([Check::readiness("x", || async {})]);
    let mut registry = Registry::with_prefix_and_labels("shop", [("zone".into(), "eu".into())].into_iter());
    registry.register_collector(Box::new(health_runtime::prometheus::Collector::new(&health)));
    let mut text = String::new();
    encode(&mut text, &registry).unwrap();
    assert_eq!(value(&text, "shop_health_check_runs_total{zone=\"eu\",check=\"x\",result=\"up\"}"), Some(0.0), "{text}");
    let all = text.lines().filter(|line| !line.starts_with('#'));
    assert!(all.into_iter().all(|line| line.starts_with("shop_health_") && line.contains("zone=\"eu\"")), "{text}");
}

/// Uses real time, because the run blocks a thread. The scrape must not wait for it.
#[tokio::test]
async fn a_run_that_blocks_its_thread_is_stuck_until_it_finishes() {
    let released = Arc::new(AtomicBool::new(false));
    let release = Arc::clone(&released);
    let blocks = move || {
        let release = Arc::clone(&release);
        async move {
            while !release.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(1));
            }
            Outcome::up()
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let check = Check::readiness("blocking", blocks).timeout(Duration::from_millis(20));
    let health = Health::builder().linked_checks(false).check(check).runtime(runtime.handle().clone()).start().unwrap();
    let stuck = || value(&scrape(&health), "health_check_stuck{check=\"blocking\"}").unwrap();
    assert_eq!(stuck(), 0.0);
    health.report(Kind::Readiness).await;
    assert_eq!(stuck(), 1.0);
    assert_eq!(value(&scrape(&health), "health_check_status{check=\"blocking\"}"), Some(0.0));
    released.store(true, Ordering::SeqCst);
    while stuck() > 0.0 {
        sleep(Duration::from_millis(1)).await;
    }
    let text = scrape(&health);
    assert_eq!(value(&text, "health_check_runs_total{check=\"blocking\",result=\"timed_out\"}"), Some(1.0), "{text}");
    drop(health);
    runtime.shutdown_background();
}
