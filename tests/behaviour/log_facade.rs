//! An application that logs through the `log` crate and has no subscriber of tracing: a line for each transition, and
//! nothing for a run or a probe.

use std::time::Duration;

use health_runtime::{Check, Kind};
use health_tests::checks::health;
use health_tests::log::Log;
use health_tests::process::threads_named;
use health_tests::{alone, test_name};

#[tokio::test(start_paused = true)]
async fn the_log_crate_receives_transitions_and_no_runs() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let log = Log::of_log_crate(None);
    let check = Check::readiness("queue", || async {}).cache(Duration::ZERO);
    let health = health([check]);
    for _ in 0..10 {
        health.report(Kind::Readiness).await;
    }
    let lines = log.lines();
    let begins: Vec<&str> = lines.iter().map(|line| line.split([';', '(']).next().unwrap().trim()).collect();
    let expected = [
        "INFO registered health checks: queue",
        "INFO health check `queue` changed from unknown to up check=queue from=unknown to=up",
        "INFO readiness changed from unhealthy to healthy kind=readiness from=unhealthy to=healthy",
    ];
    assert_eq!(begins, expected, "{lines:#?}");
}

/// The thread that writes log lines starts with the first of them.
#[tokio::test(start_paused = true)]
async fn a_line_that_no_log_receives_costs_no_thread() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let health = health([Check::readiness("queue", || async {})]);
    health.report(Kind::Readiness).await;
    assert_eq!(threads_named("health:notifier"), 0);
    let log = Log::of_log_crate(None);
    let _maintenance = health.maintenance("reindex");
    assert_eq!((threads_named("health:notifier"), log.lines().len()), (1, 1));
}
