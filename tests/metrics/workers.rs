//! The age of the oldest worker heartbeat as a metric.

use std::thread;
use std::time::Duration;

use actix_web::{App, test};
use health_runtime::Health;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use tokio::time::sleep;

use crate::facade::Recorded;
use crate::scrape::{get, scrape, value};

const LAG: &str = "health_worker_lag_seconds";

fn watched(limit: Duration) -> Health {
    Health::builder().linked_checks(false).watch_workers(limit).start().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_scrape_has_the_current_worker_lag() {
    let health = watched(Duration::from_secs(4));
    assert!(!scrape(&health).contains(LAG));
    assert_eq!(value(&scrape(&health), "health_check_status{check=\"workers\"}"), Some(0.0), "unknown");

    let app = test::init_service(App::new().service(health.service())).await;
    sleep(Duration::from_millis(1500)).await;
    let text = scrape(&health);
    let expected = format!(
        "# HELP {LAG} Age of the oldest worker heartbeat.\n\
         # TYPE {LAG} gauge\n# UNIT {LAG} seconds\n{LAG} 0.5\n"
    );
    assert!(text.contains(&expected), "{text}");
    assert_eq!(value(&text, "health_check_status{check=\"workers\"}"), Some(1.0));
    assert_eq!(value(&text, "health_check_age_seconds{check=\"workers\"}"), None);
    let classic = get(&health, "/metrics").await.1;
    assert!(classic.contains(&expected.replace(&format!("# UNIT {LAG} seconds\n"), "")), "{classic}");

    let mut registry = Registry::with_prefix_and_labels("shop", [("zone".into(), "eu".into())].into_iter());
    registry.register_collector(Box::new(health.collector()));
    let mut text = String::new();
    encode(&mut text, &registry).unwrap();
    assert_eq!(value(&text, "shop_health_worker_lag_seconds{zone=\"eu\"}"), Some(0.5), "{text}");

    drop(app);
    assert!(!scrape(&health).contains(LAG));
}

/// Uses real time, because it blocks the loop.
#[tokio::test]
async fn the_facade_records_how_long_a_worker_was_blocked() {
    let recorded = Recorded::default();
    let _guard = metrics::set_default_local_recorder(&recorded);
    let health = watched(Duration::from_hours(1));
    let _app = test::init_service(App::new().service(health.service())).await;
    let lag = || recorded.values().get(&format!("{LAG}{{}}")).copied();
    while lag().is_none() {
        sleep(Duration::from_millis(1)).await;
    }
    thread::sleep(Duration::from_millis(1500));
    // The heartbeat is due, and runs before this continues.
    sleep(Duration::from_millis(10)).await;
    assert!(lag().is_some_and(|lag| lag >= 1.5), "{:?}", lag());
    assert_eq!(recorded.values()["health_check_status{check=\"workers\"}"], 1.0);
}
