//! Signals for a process whose log panics or hangs.

use health_tests::http::Connection;
use health_tests::program::Program;
use health_tests::until;

use super::service::{LIMIT, LONG, Service, command};

fn with_log(fault: &str) -> Service {
    let service = Service::listening(Program::start(command("serve", LONG).env("LOG", fault)));
    service.switch("migrated", true);
    until(LIMIT, "it is ready", || (service.code("/readyz") == 200).then_some(()));
    service
}

#[test]
fn l2_sigterm_drains_and_the_third_signal_exits_while_the_log_panics() {
    drains_and_exits(with_log("panics"));
}

fn drains_and_exits(mut service: Service) {
    for broken in [true, false] {
        service.switch("broken", broken);
        assert_eq!(service.code("/readyz"), if broken { 503 } else { 200 });
    }
    let mut request = Connection::open(service.address).unwrap();
    request.send(b"GET /work?ms=600000 HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
    let in_flight = || service.get("/readyz?verbose").text().ends_with(r#","in_flight":1}"#).then_some(());
    until(LIMIT, "the request is in flight", in_flight);

    service.program.terminate();
    service.until_it_drains();
    assert_eq!(service.codes(["/readyz", "/livez", "/startupz"]), [503, 200, 200]);
    service.program.terminate();
    until(LIMIT, "the server stops", || Connection::open(service.address).is_err().then_some(()));
    assert!(service.program.ended().is_none(), "a request is in flight");
    service.program.terminate();
    service.assert_ends_with(128 + 15);
}

#[test]
fn l2_sigterm_drains_and_the_third_signal_exits_while_the_log_hangs() {
    drains_and_exits(with_log("hangs"));
}
