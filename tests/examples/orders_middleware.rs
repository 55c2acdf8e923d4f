//! The middleware of the orders example: an access log without probes, and a drain that closes connections.

use std::net::SocketAddr;

use health_tests::folder::Folder;
use health_tests::http::{self, Connection, Response};
use health_tests::orders::{LIMIT, Orders};
use health_tests::program::Program;
use health_tests::until;

fn start(folder: &Folder) -> (Program, SocketAddr) {
    let orders = Orders::start(folder, &[]);
    orders.readyz(200);
    (orders.program, orders.address)
}

fn get(connection: &mut Connection, path: &str) -> Response {
    connection.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n").as_bytes()).unwrap();
    connection.response().unwrap()
}

#[test]
fn h9_the_access_log_has_no_probes() {
    let folder = Folder::new();
    let (mut program, address) = start(&folder);
    for path in ["/livez", "/readyz/", "/readyz/orders", "/startupz", "/health", "/healthz", "/metrics", "/orders", "/readyzz"] {
        http::get(address, path).unwrap();
    }
    program.interrupt();
    assert_eq!(program.wait(LIMIT).code(), Some(0));
    let line = |path: &str| {
        let request = format!("\"GET {path} HTTP/1.1\"");
        program.errors().iter().filter(|line| line.contains(&request)).count()
    };
    until(LIMIT, "the log is read to its end", || (line("/readyzz") > 0).then_some(()));
    assert_eq!((line("/orders"), line("/readyzz")), (1, 1));
    let lines = program.errors();
    assert_eq!(lines.iter().filter(|line| line.contains("HTTP/1.1")).count(), 2, "{lines:#?}");
}

#[test]
fn draining_closes_keep_alive_connections() {
    let folder = Folder::new();
    let (mut program, address) = start(&folder);
    let mut connection = Connection::open(address).unwrap();
    assert_eq!(get(&mut connection, "/orders").header("connection"), None);
    assert!(get(&mut connection, "/livez?verbose").text().ends_with(r#","in_flight":0}"#));
    program.terminate();
    until(LIMIT, "it drains", || (http::get(address, "/readyz").unwrap().status == 503).then_some(()));
    let last = get(&mut connection, "/orders");
    assert_eq!((last.status, last.text(), last.header("connection")), (200, "[]", Some("close")));
    assert_eq!(connection.rest().unwrap(), b"");
    assert_eq!(program.wait(LIMIT).code(), Some(0), "{:#?}", program.errors());
}
