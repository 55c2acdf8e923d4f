//! Tests of the servers that other tests start: each starts, responds, stops, restarts and can be frozen.

mod caches;
mod databases;
mod proxy;
mod tls;

use std::io::ErrorKind;
use std::net::TcpStream;
use std::ops::DerefMut;
use std::time::Duration;

use health_tests::installed;
use health_tests::servers::{Daemon, free_port, talk};

/// Longer than any server takes to respond.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// How long a frozen server is observed.
pub(crate) const SHORT: Duration = Duration::from_millis(300);

/// Asserts the contract of a daemon. `response` recognises the response to `request`.
pub(crate) fn can_be_stopped_and_frozen(server: &mut Daemon, request: &[u8], response: impl Fn(&[u8]) -> bool) {
    let address = server.address();
    let responses = || response(&talk(address, request, PATIENCE).unwrap());
    assert!(responses(), "at first");
    assert_eq!((server.port(), address.ip().to_string().as_str()), (address.port(), "127.0.0.1"));

    server.freeze();
    let silence = talk(address, request, SHORT).unwrap_err();
    assert!(matches!(silence.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{silence}");
    let waiting = server.connections();
    let open: Vec<_> = (0..3).map(|_| TcpStream::connect(address).unwrap()).collect();
    assert_eq!(server.connections(), waiting + 3, "which the server has not accepted");
    drop(open);
    server.thaw();
    assert!(responses(), "after the thaw");

    server.stop();
    assert_eq!(TcpStream::connect(address).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    server.restart();
    assert_eq!(server.address(), address);
    assert!(responses(), "after the restart");

    // While it runs, and while it is frozen.
    server.restart();
    server.freeze();
    server.restart();
    assert!(responses(), "after more restarts");
}

/// Asserts that a dropped server leaves no process and no folder, also while frozen.
pub(crate) fn leaves_nothing<S: DerefMut<Target = Daemon>>(mut server: S) {
    let (address, folder) = (server.address(), server.folder().to_owned());
    assert!(folder.is_dir());
    server.freeze();
    drop(server);
    assert_eq!(TcpStream::connect(address).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    assert!(!folder.exists());
}

#[test]
#[should_panic(expected = "the real-server tests need Nothing; install it with `apt-get install nothing`")]
fn a_missing_program_is_named() {
    let _ = installed::program("no-such-program", "Nothing", "nothing");
}

#[test]
fn free_ports_differ() {
    let mut ports: Vec<_> = (0..100).map(|_| free_port()).collect();
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), 100);
}
