//! The notifications of systemd while the log of the application is broken.

use std::path::Path;
use std::time::Duration;

use health_runtime::{Check, Kind};
use health_tests::alone;
use health_tests::checks::builder;
use health_tests::folder::Folder;
use health_tests::log::BrokenLog;
use health_tests::service_manager::ServiceManager;
use health_tests::test_name;

const PATIENCE: Duration = Duration::from_mins(2);

/// The watchdog timeout, longer than the deadline of a response. A notification is due at each half.
const WATCHDOG: Duration = Duration::from_secs(2);

/// Returns whether this is the child process, with the variables of systemd.
fn under_systemd(test: &str) -> bool {
    let folder = Folder::new();
    let socket = folder.path().join("notify");
    let watchdog = WATCHDOG.as_micros().to_string();
    alone::with_variables(test, &[("NOTIFY_SOCKET", socket.to_str().unwrap()), ("WATCHDOG_USEC", &watchdog)])
}

/// Every change is a line of the log, and every notification still arrives.
fn every_notification_arrives(break_log: impl FnOnce()) {
    let mut manager = ServiceManager::new(Path::new(&std::env::var("NOTIFY_SOCKET").unwrap()));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let _context = runtime.enter();
    let health = builder([Check::reported("queue", Kind::Readiness)]).start().unwrap();
    break_log();
    health.notify_systemd().unwrap();
    let reporter = health.reporter("queue").unwrap();
    reporter.up();
    manager.wait_for("READY=1", 1, PATIENCE);
    manager.wait_for("STATUS=healthy", 1, PATIENCE);
    reporter.down("full");
    manager.wait_for("STATUS=unhealthy: queue down", 1, PATIENCE);
    manager.wait_for("WATCHDOG=1", 3, PATIENCE);
    health.drain();
    manager.wait_for("STOPPING=1", 1, PATIENCE);
    manager.wait_for("STATUS=unhealthy: draining, queue down", 1, PATIENCE);
}

#[test]
fn systemd_is_notified_while_the_log_panics() {
    if !under_systemd(test_name!()) {
        return;
    }
    let mut log = None;
    every_notification_arrives(|| log = Some(BrokenLog::of_process(3)));
    assert_eq!(log.unwrap().panics_left(), 0);
}

#[test]
fn systemd_is_notified_while_the_log_hangs() {
    if !under_systemd(test_name!()) {
        return;
    }
    let log = BrokenLog::of_process(0);
    every_notification_arrives(|| log.gate().close());
    assert_eq!(log.gate().started() - log.gate().finished(), 1, "the log still hangs");
    log.gate().open();
}
