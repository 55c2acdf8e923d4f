//! A process before it is ready.

use std::thread;

use health_tests::http;
use health_tests::until;

use super::service::{LIMIT, LONG, Service, program};

/// Returns how often this kind became healthy.
fn became_healthy(service: &Service, kind: &str) -> usize {
    let line = format!("Kind {{ kind: {kind}, from: Unhealthy, to: Healthy }}");
    service.program.output().iter().filter(|printed| **printed == line).count()
}

#[test]
fn l3_sigterm_before_ready_exits_cleanly() {
    let mut service = Service::listening(program("serve", LONG));
    assert_eq!(service.codes(["/startupz", "/readyz", "/livez"]), [503, 503, 200]);
    service.program.terminate();
    service.until_it_drains();
    service.switch("migrated", true);
    for _ in 0..10 {
        assert_eq!(service.codes(["/startupz", "/readyz", "/livez", "/health"]), [503, 503, 200, 503]);
    }
    service.assert_stops();
    assert_eq!(became_healthy(&service, "Startup"), 0);
}

#[test]
fn l3_sigterm_before_run_exits_cleanly() {
    let mut program = program("before-run", LONG);
    program.line(LIMIT, "it has not run yet", |line| (line == "before run").then_some(()));
    program.terminate();
    let mut service = Service::listening(program);
    service.switch("migrated", true);
    assert_eq!(service.codes(["/startupz", "/readyz", "/livez", "/health"]), [503, 503, 200, 503]);
    service.assert_stops();
    assert_eq!(became_healthy(&service, "Startup"), 0);
}

#[test]
fn l5_startup_of_a_process_passes_once_and_stays_passed() {
    let mut service = Service::listening(program("serve", LONG));
    assert_eq!(service.codes(["/startupz", "/readyz"]), [503, 503]);
    service.switch("migrated", true);
    let address = service.address;
    // Readiness probes run startup checks too.
    let probes: Vec<_> = (0..100).map(|_| thread::spawn(move || http::get(address, "/readyz").unwrap())).collect();
    let codes: Vec<u16> = probes.into_iter().map(|probe| probe.join().unwrap().status).collect();
    assert_eq!(codes, [200; 100]);
    service.switch("migrated", false);
    assert_eq!(service.codes(["/startupz", "/readyz"]), [200, 200]);
    service.program.terminate();
    service.until_it_drains();
    assert_eq!(service.codes(["/startupz", "/readyz"]), [200, 503]);
    service.assert_stops();
    until(LIMIT, "all was printed", || (became_healthy(&service, "Readiness") > 0).then_some(()));
    assert_eq!((became_healthy(&service, "Startup"), became_healthy(&service, "Readiness")), (1, 1));
}
