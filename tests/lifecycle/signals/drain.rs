//! A process that drains.

use health_tests::http::Connection;

use super::service::{LIMIT, LONG, Service};

#[test]
fn l4_readiness_of_a_process_stays_503_when_a_check_recovers() {
    let mut service = Service::ready(LONG);
    service.switch("broken", true);
    assert_eq!(service.codes(["/readyz", "/livez"]), [503, 200]);
    service.program.terminate();
    service.until_it_drains();
    service.switch("broken", false);
    let text = service.get("/readyz").without_figures();
    assert!(text.starts_with(r#"{"status":"unhealthy","reason":"draining","checks":{"#), "{text}");
    assert!(text.contains(r#""database":{"status":"up","#), "{text}");
    assert_eq!(service.codes(["/readyz", "/health", "/livez", "/startupz", "/work?ms=0"]), [503, 503, 200, 200, 200]);
    service.assert_stops();
}

#[test]
fn draining_responses_close_their_connection() {
    let service = Service::ready(LONG);
    let send = |connection: &mut Connection, method: &str, path: &str, version: &str| {
        let request = format!("{method} {path} HTTP/{version}\r\nHost: test\r\nConnection: keep-alive\r\n\r\n");
        connection.send(request.as_bytes()).unwrap();
        connection.response().unwrap()
    };
    let mut connection = Connection::open(service.address).unwrap();
    for path in ["/work?ms=0", "/readyz", "/nowhere", "/work"] {
        assert_eq!(send(&mut connection, "GET", path, "1.1").header("connection"), None, "{path}");
    }
    service.program.terminate();
    service.until_it_drains();

    assert_eq!(send(&mut connection, "GET", "/work?ms=0", "1.1").header("connection"), Some("close"), "one of before");
    assert_eq!(connection.rest().unwrap(), b"");
    for (path, status) in [("/work?ms=0", 200), ("/readyz", 503), ("/livez", 200), ("/nowhere", 404), ("/work", 400)] {
        let mut connection = Connection::open(service.address).unwrap();
        let response = send(&mut connection, "GET", path, "1.1");
        assert_eq!((response.status, response.header("connection")), (status, Some("close")), "{path}");
        assert_eq!(connection.rest().unwrap(), b"", "{path}");
    }
    // HTTP/1.0 closes by default.
    let mut connection = Connection::open(service.address).unwrap();
    assert_eq!(send(&mut connection, "GET", "/work?ms=0", "1.0").header("connection"), None);
    assert_eq!(connection.rest().unwrap(), b"");
}

#[test]
fn requests_in_flight_are_counted() {
    let service = Service::ready(LONG);
    let in_flight = |count: usize| {
        let end = format!(r#","in_flight":{count}}}"#);
        health_tests::until(LIMIT, &end, || service.get("/readyz?verbose").text().ends_with(&end).then_some(()));
    };
    in_flight(0);
    let mut connections: Vec<_> = (0..3).map(|_| Connection::open(service.address).unwrap()).collect();
    for connection in &mut connections {
        connection.send(b"GET /held HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
    }
    in_flight(3);
    service.program.terminate();
    service.until_it_drains();
    in_flight(3);
    service.switch("released", true);
    for connection in &mut connections {
        assert_eq!(connection.response().unwrap().text(), "done");
    }
    in_flight(0);
}
