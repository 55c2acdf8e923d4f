//! The orders example under an imitation of systemd: a socket and two variables.

use std::time::{Duration, Instant};

use health_tests::folder::Folder;
use health_tests::orders::{LIMIT, Orders};
use health_tests::program::Program;
use health_tests::service_manager::ServiceManager;
use health_tests::until;

/// The watchdog timeout, more than twice the deadline of the example.
const WATCHDOG: Duration = Duration::from_secs(2);

#[test]
fn a_manager_receives_every_phase_in_order() {
    let folder = Folder::new();
    let mut manager = ServiceManager::new(&folder.path().join("notify"));
    let mut command = Orders::command(&folder);
    command.env("NOTIFY_SOCKET", folder.path().join("notify")).env_remove("WATCHDOG_PID");
    let began = Instant::now();
    let mut program = Program::start(command.env("WATCHDOG_USEC", WATCHDOG.as_micros().to_string()));
    manager.wait_for("STATUS=healthy", 1, LIMIT);
    manager.wait_for("WATCHDOG=1", 3, LIMIT);
    program.terminate();
    manager.wait_for("STATUS=unhealthy: draining", 1, LIMIT);
    assert_eq!(program.wait(LIMIT).code(), Some(0));
    let lived = began.elapsed();

    let received = manager.received();
    let (watchdogs, statuses): (Vec<&str>, Vec<&str>) =
        received.iter().map(String::as_str).partition(|message| *message == "WATCHDOG=1");
    // The status may or may not be sent before the migration is done.
    let statuses = statuses.into_iter().skip_while(|message| message.starts_with("STATUS=unhealthy: starting, "));
    assert_eq!(statuses.collect::<Vec<_>>(), ["READY=1", "STATUS=healthy", "STOPPING=1", "STATUS=unhealthy: draining"]);
    let most = lived.as_millis() / (WATCHDOG / 2).as_millis();
    assert!(watchdogs.len() as u128 <= most, "{} in {lived:?}: at half the interval, and not more often", watchdogs.len());
    let after_stopping = received.iter().skip_while(|message| *message != "STOPPING=1");
    assert!(after_stopping.filter(|message| *message == "WATCHDOG=1").count() > 0, "a process that drains lives: {received:?}");
}

#[test]
fn an_invalid_notify_socket_is_a_start_error() {
    let folder = Folder::new();
    let mut program = Program::start(Orders::command(&folder).env("NOTIFY_SOCKET", "notify"));
    assert_eq!(program.wait(LIMIT).code(), Some(1));
    let expected = "Error: `NOTIFY_SOCKET` is \"notify\", which is neither an absolute path nor an abstract `@name`; leave it as systemd sets it, or unset it";
    until(LIMIT, "it prints the reason", || program.errors().iter().any(|line| line == expected).then_some(()));
}
