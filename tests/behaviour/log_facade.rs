//! An application that logs through the `log` crate and has no subscriber of tracing: a line for each transition, and
//! nothing for a run or a probe.

use std::sync::Mutex;
use std::time::Duration;

use health_runtime::{Check, Health, Kind};
use health_tests::{alone, test_name};
use log::{LevelFilter, Log, Metadata, Record};

struct Lines(Mutex<Vec<String>>);

static LINES: Lines = Lines(Mutex::new(Vec::new()));

impl Log for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        self.0.lock().unwrap().push(format!("{} {}", record.level(), record.args()));
    }

    fn flush(&self) {}
}

#[tokio::test(start_paused = true)]
async fn the_log_crate_receives_transitions_and_no_runs() {
    if !alone::in_process(test_name!()) {
        return;
    }
    log::set_logger(&LINES).unwrap();
    log::set_max_level(LevelFilter::Info);
    let check = Check::readiness("queue", || async {}).cache(Duration::ZERO);
    let health = Health::builder().linked_checks(false).check(check).start().unwrap();
    for _ in 0..10 {
        health.report(Kind::Readiness).await;
    }
    let lines = LINES.0.lock().unwrap();
    let begins: Vec<&str> = lines.iter().map(|line| line.split([';', '(']).next().unwrap().trim()).collect();
    let expected = [
        "INFO health checks found: queue",
        "INFO health check turned up check=queue from=unknown to=up",
        "INFO readiness turned healthy kind=readiness from=unhealthy to=healthy",
    ];
    assert_eq!(begins, expected, "{lines:#?}");
}
