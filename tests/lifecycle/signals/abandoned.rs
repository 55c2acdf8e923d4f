//! Signals after the shutdown future was dropped. The handlers stay installed, so the system does not end the process.

use health_runtime::Health;
use health_tests::process::threads_named;
use health_tests::{alone, test_name, until};

use super::service::{LIMIT, LONG, Service, program};

#[test]
fn l2_a_signal_after_a_dropped_shutdown_exits_at_once() {
    for (terminates, code) in [(true, 128 + 15), (false, 128 + 2)] {
        let mut program = program("abandoned", LONG);
        program.line(LIMIT, "it was dropped", |line| (line == "abandoned").then_some(()));
        if terminates {
            program.terminate();
        } else {
            program.interrupt();
        }
        assert_eq!(program.wait(LIMIT).code(), Some(code), "{:#?}", program.errors());
    }
}

#[test]
fn l7_dropping_one_shutdown_keeps_the_drain_of_the_other() {
    let mut service = Service::listening(program("one-of-two", LONG));
    service.switch("migrated", true);
    until(LIMIT, "it is ready", || (service.code("/readyz") == 200).then_some(()));
    service.program.terminate();
    service.until_it_drains();
    service.assert_stops();
}

#[tokio::test]
async fn dropped_shutdowns_leave_at_most_one_thread() {
    if !alone::in_process(test_name!()) {
        return;
    }
    for _ in 0..20 {
        let health = Health::builder().linked_checks(false).start().unwrap();
        drop(health.shutdown());
    }
    until(LIMIT, "the threads end", || (threads_named("health:signals") <= 1).then_some(()));
}
