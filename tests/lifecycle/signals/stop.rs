//! How a process exits.

use std::time::{Duration, Instant};

use health_tests::http::Connection;
use health_tests::until;

use super::service::{LIMIT, LONG, Service};

#[test]
fn l2_a_second_sigterm_ends_the_drain_delay() {
    let mut service = Service::ready(LONG);
    service.program.terminate();
    service.until_it_drains();
    service.program.terminate();
    service.assert_ends_with(0);
}

#[test]
fn l2_sigint_skips_the_drain_delay() {
    let mut service = Service::ready(LONG);
    service.program.interrupt();
    service.assert_ends_with(0);
}

#[test]
fn l2_a_third_signal_exits_with_128_plus_its_number() {
    for (terminates, code) in [(true, 128 + 15), (false, 128 + 2)] {
        let mut service = Service::ready(LONG);
        // A request in flight delays the stop.
        let mut connection = Connection::open(service.address).unwrap();
        connection.send(b"GET /work?ms=600000 HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
        until(LIMIT, "it is in flight", || service.get("/livez?verbose").text().ends_with(r#""in_flight":1}"#).then_some(()));
        service.program.terminate();
        service.until_it_drains();
        service.program.terminate();
        until(LIMIT, "it stops listening", || Connection::open(service.address).is_err().then_some(()));
        if terminates {
            service.program.terminate();
        } else {
            service.program.interrupt();
        }
        service.assert_ends_with(code);
    }
}

#[test]
fn l6_nothing_runs_after_the_last_health_is_dropped() {
    let mut service = Service::ready(Duration::from_millis(100));
    service.program.terminate();
    service.assert_ends_with(0);
    let lines = service.program.output();
    assert_eq!(lines[lines.len() - 2..], ["no transition follows", "late runs 0, tasks left 0"], "{lines:#?}");
}

#[test]
fn r13_a_stuck_function_does_not_delay_the_exit() {
    let delay = Duration::from_secs(1);
    let mut service = Service::ready(delay);
    service.switch("stuck", true);
    until(LIMIT, "it is stuck", || {
        let text = service.get("/readyz").without_figures();
        text.contains(r#""folder":{"status":"down","latency_ms":_,"error":"still running after "#).then_some(())
    });
    let began = Instant::now();
    service.program.terminate();
    service.assert_ends_with(0);
    assert!(began.elapsed() >= delay, "{:?}", began.elapsed());
}
