//! The messages about readiness, status and stop, and their order.

use std::future::{pending, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::sleep;

use super::super::notifier;
use super::super::notify_config::NotifyConfig;
use super::fake_manager::{FakeManager, health, switched_check};
use crate::core::model::status::Kind;
use crate::core::registry::check::Check;

#[tokio::test(start_paused = true)]
async fn each_message_is_sent_once_and_in_order() {
    let (migration, migrated) = switched_check(Kind::Startup, "migration", false);
    let (redis, has_redis) = switched_check(Kind::Readiness, "redis", true);
    let (database, has_database) = switched_check(Kind::Readiness, "database", true);
    let health = health([migration, redis.critical(false), database]);
    let mut systemd = FakeManager::new();
    let _notifier = systemd.start_notifier(&health, None);

    assert_eq!(systemd.until(3).await, ["0.0 STATUS=unhealthy: starting, migration down"]);
    migrated.store(true, Ordering::SeqCst);
    assert_eq!(systemd.until(10).await, ["3.0 READY=1", "3.0 STATUS=healthy"]);
    has_redis.store(false, Ordering::SeqCst);
    assert_eq!(systemd.until(20).await, ["14.0 STATUS=degraded: redis down"]);
    // Another report observes the change first.
    has_database.store(false, Ordering::SeqCst);
    health.report(Kind::Readiness).await;
    assert_eq!(systemd.until(21).await, ["20.0 STATUS=unhealthy: database down, redis down"]);
    has_database.store(true, Ordering::SeqCst);
    has_redis.store(true, Ordering::SeqCst);
    assert_eq!(systemd.until(30).await, ["21.0 STATUS=healthy"]);
    health.drain();
    health.drain();
    assert_eq!(systemd.until(60).await, ["30.0 STOPPING=1", "30.0 STATUS=unhealthy: draining"]);
}

#[tokio::test(start_paused = true)]
async fn l3_a_process_that_drains_before_it_is_ready_never_sends_ready() {
    let (migration, migrated) = switched_check(Kind::Startup, "migration", false);
    let health = health([migration]);
    let mut systemd = FakeManager::new();
    let _notifier = systemd.start_notifier(&health, None);
    assert_eq!(systemd.until(2).await, ["0.0 STATUS=unhealthy: starting, migration down"]);
    health.drain();
    migrated.store(true, Ordering::SeqCst);
    assert_eq!(systemd.until(20).await, ["2.0 STOPPING=1", "2.0 STATUS=unhealthy: draining"]);
}

#[tokio::test(start_paused = true)]
async fn stopping_is_sent_at_once_even_while_a_report_is_pending() {
    let health = health([Check::readiness("hung", pending::<()>).timeout(Duration::from_millis(700))]);
    let mut systemd = FakeManager::new();
    let _notifier = systemd.start_notifier(&health, None);
    sleep(Duration::from_millis(300)).await;
    health.drain();
    assert_eq!(systemd.until(1).await, ["0.3 STOPPING=1", "0.7 STATUS=unhealthy: draining, hung down"]);
}

#[tokio::test(start_paused = true)]
async fn l6_the_notifier_ends_with_the_last_health() {
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let health = health([Check::readiness("background", || async {}).interval(Duration::from_secs(1))]);
    let mut systemd = FakeManager::new();
    let notifier = systemd.start_notifier(&health, Some(Duration::from_secs(10)));
    let expected = ["0.0 STATUS=unhealthy: background unknown", "1.0 READY=1", "1.0 STATUS=healthy"];
    assert_eq!(systemd.until(4).await, expected);
    assert_eq!(systemd.until(11).await, ["5.0 WATCHDOG=1", "10.0 WATCHDOG=1"]);
    drop(health.clone());
    assert_eq!(systemd.until(16).await, ["15.0 WATCHDOG=1"]);
    drop(health);
    assert_eq!(systemd.until(30).await, [""; 0]);
    assert!(notifier.is_finished());
    drop(notifier);
    assert_eq!(tasks(), before);
}

#[tokio::test(start_paused = true)]
async fn a_flapping_check_runs_once_a_second() {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let run = move || ready(if counted.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) { Ok(()) } else { Err("odd") });
    let health = health([Check::readiness("flaps", run).cache(Duration::ZERO).critical(false)]);
    let mut systemd = FakeManager::new();
    let _notifier = systemd.start_notifier(&health, None);
    let received = systemd.until(20).await;
    assert_eq!(runs.load(Ordering::SeqCst), 20);
    assert_eq!(received[..3], ["0.0 READY=1", "0.0 STATUS=healthy", "1.0 STATUS=degraded: flaps down"]);
    assert_eq!(received.len(), 21);
}

#[tokio::test(start_paused = true)]
async fn messages_that_failed_are_sent_again() {
    let health = health([]);
    let mut systemd = FakeManager::new();
    let notify = systemd.folder.join("notify");
    std::fs::remove_file(&notify).unwrap();
    let _notifier = systemd.start_notifier(&health, Some(Duration::from_secs(10)));
    assert_eq!(systemd.until(7).await, [""; 0]);
    systemd.socket = FakeManager::bind(notify);
    assert_eq!(systemd.until(9).await, ["7.0 READY=1", "7.0 STATUS=healthy", "7.0 WATCHDOG=1"]);
}

#[tokio::test(start_paused = true)]
async fn a_status_is_short_and_contains_no_reason() {
    let checks = (0..200).map(|number| switched_check(Kind::Readiness, &format!("{number:03}-{}", "x".repeat(59)), false).0);
    let health = health(checks);
    let mut systemd = FakeManager::new();
    let _notifier = systemd.start_notifier(&health, None);
    let failing: Vec<String> = (0..10).map(|number| format!("{number:03}-{} down", "x".repeat(59))).collect();
    assert_eq!(systemd.until(9).await, [format!("0.0 STATUS=unhealthy: {}, 190 more", failing.join(", "))]);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_abstract_address_receives_messages() {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixDatagram};

    let name = format!("health-systemd-{}", std::process::id());
    let socket = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let config =
        NotifyConfig::from_env(|variable| (variable == "NOTIFY_SOCKET").then(|| format!("@{name}").into()), 1).unwrap().unwrap();
    let health = health([]);
    let _notifier = tokio::spawn(notifier::open(health.inner(), config).unwrap());
    let received = tokio::task::spawn_blocking(move || {
        let mut buffer = [0; 64];
        let count = socket.recv(&mut buffer).unwrap();
        buffer[..count].to_vec()
    });
    assert_eq!(received.await.unwrap(), b"READY=1");
}

#[tokio::test(start_paused = true)]
async fn b7_a_maintenance_is_in_the_status_and_delays_ready() {
    let health = health([Check::readiness("queue", || ready(()))]);
    let mut systemd = FakeManager::new();
    let guard = health.maintenance("reindex\nREADY=1");
    let _notifier = systemd.start_notifier(&health, None);
    assert_eq!(systemd.until(3).await, ["0.0 STATUS=unhealthy: maintenance: reindex READY=1"]);
    drop(guard);
    assert_eq!(systemd.until(10).await, ["3.0 READY=1", "3.0 STATUS=healthy"]);
}
