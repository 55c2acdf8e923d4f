//! The counting proxy.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

use health_tests::servers::{Counting, Counts, MariaDb, PASSWORD, Redis, connections, talk};
use health_tests::until;

use super::{PATIENCE, SHORT};

fn redis_behind_a_proxy() -> (Redis, Counting) {
    let redis = Redis::start();
    let proxy = Counting::start(redis.address());
    (redis, proxy)
}

/// Returns a response of one line.
fn send(connection: &mut TcpStream, text: &str) -> io::Result<String> {
    connection.write_all(text.as_bytes())?;
    let mut response = [0; 64];
    let count = connection.read(&mut response)?;
    Ok(String::from_utf8_lossy(&response[..count]).into_owned())
}

#[test]
fn a_proxy_counts_connections_and_round_trips() {
    let (redis, proxy) = redis_behind_a_proxy();
    assert_eq!(proxy.counts(), Counts::default());
    let mut first = TcpStream::connect(proxy.address()).unwrap();
    assert_eq!(send(&mut first, &format!("AUTH {PASSWORD}\r\n")).unwrap(), "+OK\r\n");
    let authenticate = 7 + PASSWORD.len() as u64;
    assert_eq!(proxy.counts(), Counts { connections: 1, round_trips: 1, to_server: authenticate, from_server: 5 });
    for pings in 1..=3 {
        assert_eq!(send(&mut first, "PING\r\n").unwrap(), "+PONG\r\n");
        let counts =
            Counts { connections: 1, round_trips: 1 + pings, to_server: authenticate + 6 * pings, from_server: 5 + 7 * pings };
        assert_eq!(proxy.counts(), counts);
    }
    assert_eq!(connections(proxy.address().port()), 1);
    until(PATIENCE, "the server has that connection alone", || (redis.connections() == 1).then_some(()));
    let _second = TcpStream::connect(proxy.address()).unwrap();
    until(PATIENCE, "the second connection arrives", || (redis.connections() == 2).then_some(()));
    assert_eq!((proxy.counts().connections, proxy.counts().round_trips), (2, 4));
}

/// A greeting does not count as a response.
#[test]
fn a_client_that_only_reads_makes_no_round_trip() {
    let mariadb = MariaDb::start();
    let proxy = Counting::start(mariadb.address());
    let greeting = talk(proxy.address(), b"", PATIENCE).unwrap();
    let from_server = greeting.len() as u64;
    assert_eq!(proxy.counts(), Counts { connections: 1, round_trips: 0, to_server: 0, from_server });
}

#[test]
fn a_proxy_holds_and_cuts_connections() {
    let (redis, proxy) = redis_behind_a_proxy();
    let mut connection = TcpStream::connect(proxy.address()).unwrap();
    connection.set_read_timeout(Some(SHORT)).unwrap();
    proxy.hold();
    let silence = send(&mut connection, "PING\r\n").unwrap_err();
    assert!(matches!(silence.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{silence}");
    let nothing = Counts { connections: 1, ..Counts::default() };
    until(PATIENCE, "the connection is counted and nothing else", || (proxy.counts() == nothing).then_some(()));
    proxy.open();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(send(&mut connection, "").unwrap(), "-NOAUTH Authentication required.\r\n");

    proxy.cut();
    assert_eq!(connection.read(&mut [0; 8]).unwrap(), 0);
    let mut closed = TcpStream::connect(proxy.address()).unwrap();
    assert_eq!(closed.read(&mut [0; 8]).unwrap(), 0);
    until(PATIENCE, "the server sees it too", || (redis.connections() == 0).then_some(()));
    proxy.open();
    assert_eq!(talk(proxy.address(), b"PING\r\n", PATIENCE).unwrap(), *b"-NOAUTH Authentication required.\r\n");

    let address = proxy.address();
    drop(proxy);
    assert_eq!(TcpStream::connect(address).unwrap_err().kind(), ErrorKind::ConnectionRefused);
}
