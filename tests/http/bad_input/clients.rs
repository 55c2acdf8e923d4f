//! Clients that send too much at once, too slowly, or not to the end.

use std::thread;
use std::time::Duration;

use health_tests::http::Connection;
use health_tests::server::Server;

use super::{address, assert_still_serves, get, service};

#[test]
fn pipelined_requests_are_served_in_order() {
    let count = 20;
    let mut connection = Connection::open(address()).unwrap();
    let one = ["/readyz", "/livez", "/readyz/nope", "/readyz/database"];
    let requests: Vec<String> = one.iter().map(|path| format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n")).collect();
    connection.send(requests.concat().repeat(count).as_bytes()).unwrap();
    for path in one.iter().cycle().take(one.len() * count) {
        let response = connection.response().unwrap();
        assert_eq!(response.status, if *path == "/readyz/nope" { 404 } else { 200 }, "{path}");
    }
    connection.send(b"GET /readyz HTTP/1.1\r\nHost: test\r\n\r\ngarbage\r\n\r\n").unwrap();
    assert_eq!(connection.response().unwrap().status, 200);
    assert_eq!(connection.response().unwrap().status, 400);
    assert_eq!(connection.rest().unwrap(), b"");
    assert_still_serves();
}

#[test]
fn slow_clients_delay_no_other() {
    let mut slow = Connection::open(address()).unwrap();
    for piece in get(b"/readyz").chunks(4) {
        slow.send(piece).unwrap();
        thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(slow.response().unwrap().status, 200);

    let mut stuck: Vec<Connection> = (0..50).map(|_| Connection::open(address()).unwrap()).collect();
    for connection in &mut stuck {
        connection.send(b"GET /readyz HTTP/1.1\r\nHo").unwrap();
    }
    // The server waits longer for them than this test for a response.
    assert_still_serves();
    for connection in &mut stuck {
        connection.send(b"st: test\r\n\r\n").unwrap();
        assert_eq!(connection.response().unwrap().status, 200);
    }
}

#[test]
fn clients_that_stay_incomplete_time_out() {
    let server = Server::with_client_timeout(Duration::from_secs(1), service);
    let mut stuck = Connection::open(server.address()).unwrap();
    stuck.send(b"GET /readyz HTTP/1.1\r\nHo").unwrap();
    assert_eq!(stuck.response().unwrap().status, 408);
}

#[test]
fn clients_that_disconnect_do_no_harm() {
    for bytes in
        [&b""[..], b"G", b"GET /readyz HTTP/1.1\r\n", &get(b"/readyz"), b"POST /readyz HTTP/1.1\r\nContent-Length: 9\r\n\r\n1"]
    {
        for _ in 0..20 {
            let mut connection = Connection::open(address()).unwrap();
            connection.send(bytes).unwrap();
        }
    }
    assert_still_serves();
}
