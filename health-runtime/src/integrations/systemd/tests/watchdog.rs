//! When the watchdog is fed, and when it is not.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::fake::{FakeSystemd, builder, health, turned};
use crate::core::model::status::Kind;
use crate::core::registry::check::Check;

#[tokio::test(start_paused = true)]
async fn the_watchdog_is_fed_while_liveness_is_not_unhealthy() {
    let (worker, works) = turned(Kind::Liveness, "worker", true);
    let (database, has_database) = turned(Kind::Readiness, "database", true);
    let health = health([worker, database]);
    let mut systemd = FakeSystemd::new();
    let _told = systemd.is_told_by(&health, Some(Duration::from_secs(10)));

    assert_eq!(systemd.until(6).await, ["0.0 READY=1", "0.0 STATUS=healthy", "5.0 WATCHDOG=1"]);
    has_database.store(false, Ordering::SeqCst);
    let heard = systemd.until(17).await;
    assert_eq!(heard, ["6.0 STATUS=unhealthy: database down", "10.0 WATCHDOG=1", "15.0 WATCHDOG=1"]);
    works.store(false, Ordering::SeqCst);
    assert_eq!(systemd.until(28).await, ["17.0 STATUS=unhealthy: database down, worker down"]);
    works.store(true, Ordering::SeqCst);
    let back = systemd.until(40).await;
    let fed: Vec<_> = back.iter().filter(|message| message.ends_with("WATCHDOG=1")).collect();
    assert_eq!(fed, ["28.0 WATCHDOG=1", "33.0 WATCHDOG=1", "38.0 WATCHDOG=1"], "at once, and then at half the interval");
    health.drain();
    assert!(systemd.until(60).await.contains(&"43.0 WATCHDOG=1".to_owned()), "a process that drains lives");
}

#[tokio::test(start_paused = true)]
async fn what_a_look_takes_does_not_add_up() {
    let slow = Check::liveness("slow", || sleep(Duration::from_millis(700))).cache(Duration::ZERO);
    let health = health([slow]);
    let mut systemd = FakeSystemd::new();
    let _told = systemd.is_told_by(&health, Some(Duration::from_secs(4)));
    let heard = systemd.until(10).await;
    let fed = heard.iter().filter(|message| message.ends_with("WATCHDOG=1"));
    // A look that shares the run of another takes less.
    let seconds: Vec<_> = fed.filter_map(|message| message.split('.').next()).collect();
    assert_eq!(seconds, ["2", "4", "6", "8"]);
}

#[tokio::test]
async fn a_runtime_that_does_not_turn_is_no_life() {
    let checks = Builder::new_current_thread().enable_all().build().unwrap();
    // Unknown, because it cannot run, and that alone is no reason for a restart.
    let (worker, _) = turned(Kind::Liveness, "worker", true);
    let health = builder([worker]).runtime(checks.handle().clone()).deadline(Duration::from_millis(200)).start().unwrap();
    let systemd = FakeSystemd::new();
    let _told = systemd.is_told_by(&health, Some(Duration::from_millis(500)));
    sleep(Duration::from_secs(2)).await;
    assert_eq!(systemd.heard(), ["READY=1", "STATUS=healthy"]);

    let (stop, stopped) = oneshot::channel::<()>();
    let turning = thread::spawn(move || checks.block_on(stopped));
    let mut heard = Vec::new();
    while heard.is_empty() {
        sleep(Duration::from_millis(10)).await;
        heard = systemd.heard();
    }
    assert!(heard.iter().all(|message| message == "WATCHDOG=1"), "{heard:?}");
    drop(stop);
    assert!(turning.join().unwrap().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_runtime_that_has_stopped_is_no_life() {
    let checks = Builder::new_current_thread().enable_all().build().unwrap();
    let health = builder([]).runtime(checks.handle().clone()).start().unwrap();
    let mut systemd = FakeSystemd::new();
    let _told = systemd.is_told_by(&health, Some(Duration::from_secs(10)));
    assert_eq!(systemd.until(3).await, ["0.0 READY=1", "0.0 STATUS=healthy"]);
    checks.shutdown_background();
    assert_eq!(systemd.until(30).await, [""; 0]);
}
