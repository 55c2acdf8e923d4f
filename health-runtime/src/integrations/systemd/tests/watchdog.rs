//! When the watchdog is pinged, and when it is not.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::fake_manager::{FakeManager, builder, health, switched_check};
use crate::core::model::status::Kind;
use crate::core::registry::check::Check;

#[tokio::test(start_paused = true)]
async fn the_watchdog_is_pinged_while_liveness_is_not_unhealthy() {
    let (worker, works) = switched_check(Kind::Liveness, "worker", true);
    let (database, has_database) = switched_check(Kind::Readiness, "database", true);
    let health = health([worker, database]);
    let mut systemd = FakeManager::new();
    let _notifier = systemd.start_notifier(&health, Some(Duration::from_secs(10)));

    assert_eq!(systemd.until(6).await, ["0.0 READY=1", "0.0 STATUS=healthy", "5.0 WATCHDOG=1"]);
    has_database.store(false, Ordering::SeqCst);
    let received = systemd.until(17).await;
    assert_eq!(received, ["6.0 STATUS=unhealthy: database down", "10.0 WATCHDOG=1", "15.0 WATCHDOG=1"]);
    works.store(false, Ordering::SeqCst);
    assert_eq!(systemd.until(28).await, ["17.0 STATUS=unhealthy: database down, worker down"]);
    works.store(true, Ordering::SeqCst);
    let recovered = systemd.until(40).await;
    let pings: Vec<_> = recovered.iter().filter(|message| message.ends_with("WATCHDOG=1")).collect();
    assert_eq!(pings, ["28.0 WATCHDOG=1", "33.0 WATCHDOG=1", "38.0 WATCHDOG=1"], "at once, then at half the interval");
    health.drain();
    assert!(systemd.until(60).await.contains(&"43.0 WATCHDOG=1".to_owned()), "a draining process is alive");
}

#[tokio::test(start_paused = true)]
async fn the_duration_of_a_check_does_not_add_to_the_interval() {
    let slow = Check::liveness("slow", || sleep(Duration::from_millis(700))).cache(Duration::ZERO);
    let health = health([slow]);
    let mut systemd = FakeManager::new();
    let _notifier = systemd.start_notifier(&health, Some(Duration::from_secs(4)));
    let received = systemd.until(10).await;
    let pings = received.iter().filter(|message| message.ends_with("WATCHDOG=1"));
    // A report that shares the run of another report takes less time.
    let seconds: Vec<_> = pings.filter_map(|message| message.split('.').next()).collect();
    assert_eq!(seconds, ["2", "4", "6", "8"]);
}

#[tokio::test]
async fn a_blocked_check_runtime_stops_the_pings() {
    let checks = Builder::new_current_thread().enable_all().build().unwrap();
    // It is unknown because it cannot run, which alone does not fail liveness.
    let (worker, _) = switched_check(Kind::Liveness, "worker", true);
    let health = builder([worker]).runtime(checks.handle().clone()).deadline(Duration::from_millis(200)).start().unwrap();
    let systemd = FakeManager::new();
    let _notifier = systemd.start_notifier(&health, Some(Duration::from_millis(500)));
    sleep(Duration::from_secs(2)).await;
    assert_eq!(systemd.received(), ["READY=1", "STATUS=healthy"]);

    let (stop, stopped) = oneshot::channel::<()>();
    let runtime_thread = thread::spawn(move || checks.block_on(stopped));
    let mut received = Vec::new();
    while received.is_empty() {
        sleep(Duration::from_millis(10)).await;
        received = systemd.received();
    }
    assert!(received.iter().all(|message| message == "WATCHDOG=1"), "{received:?}");
    drop(stop);
    assert!(runtime_thread.join().unwrap().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_stopped_check_runtime_stops_the_pings() {
    let checks = Builder::new_current_thread().enable_all().build().unwrap();
    let health = builder([]).runtime(checks.handle().clone()).start().unwrap();
    let mut systemd = FakeManager::new();
    let _notifier = systemd.start_notifier(&health, Some(Duration::from_secs(10)));
    assert_eq!(systemd.until(3).await, ["0.0 READY=1", "0.0 STATUS=healthy"]);
    checks.shutdown_background();
    assert_eq!(systemd.until(30).await, [""; 0]);
}
