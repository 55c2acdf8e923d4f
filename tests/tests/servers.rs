//! The fixtures themselves: each starts, answers, stops, is there again, and can be frozen.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::ops::DerefMut;
use std::process::Command;
use std::time::Duration;

use health_tests::folder::Folder;
use health_tests::installed::content;
use health_tests::servers::{Certificate, Daemon, Memcached, PASSWORD, Redis, TlsServer, USER, free_port, talk};
use health_tests::{installed, until};

/// Longer than any server takes for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a frozen server is given to not answer.
const SHORT: Duration = Duration::from_millis(300);

/// What every server can do. It answers `ask` with something that begins with `answer`.
fn can_be_stopped_and_frozen(server: &mut Daemon, ask: &[u8], answer: &[u8]) {
    let address = server.address();
    let answers = || talk(address, ask, PATIENCE).unwrap().starts_with(answer);
    assert!(answers(), "at first");
    assert_eq!((server.port(), address.ip().to_string().as_str()), (address.port(), "127.0.0.1"));

    server.freeze();
    let silence = talk(address, ask, SHORT).unwrap_err();
    assert!(matches!(silence.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{silence}");
    let waiting = server.connections();
    let open: Vec<_> = (0..3).map(|_| TcpStream::connect(address).unwrap()).collect();
    assert_eq!(server.connections(), waiting + 3, "that nobody has accepted");
    drop(open);
    server.thaw();
    assert!(answers(), "after the thaw");

    server.stop();
    assert_eq!(TcpStream::connect(address).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    server.restart();
    assert_eq!(server.address(), address);
    assert!(answers(), "after the restart");

    // One that runs, and one that is frozen.
    server.restart();
    server.freeze();
    server.restart();
    assert!(answers(), "after more restarts");
}

/// Nothing is left of a server that is dropped, frozen or not.
fn leaves_nothing<S: DerefMut<Target = Daemon>>(mut server: S) {
    let (address, folder) = (server.address(), server.folder().to_owned());
    assert!(folder.is_dir());
    server.freeze();
    drop(server);
    assert_eq!(TcpStream::connect(address).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    assert!(!folder.exists());
}

#[test]
fn redis() {
    let mut redis = Redis::start();
    let authenticate = format!("AUTH {PASSWORD}\r\n");
    can_be_stopped_and_frozen(&mut redis, authenticate.as_bytes(), b"+OK\r\n");
    assert_eq!(
        talk(redis.address(), b"AUTH wrong\r\n", PATIENCE).unwrap(),
        *b"-WRONGPASS invalid username-password pair or user is disabled.\r\n"
    );
    assert_eq!(redis.url(), format!("redis://:{PASSWORD}@127.0.0.1:{}/", redis.port()));
    assert_eq!(redis.command(&["PING"]), "+PONG");
    leaves_nothing(redis);
}

#[test]
fn a_replica_of_redis_follows_and_takes_no_writes() {
    let primary = Redis::start();
    let replica = Redis::replica_of(&primary);
    assert_eq!(primary.command(&["SET", "order", "17"]), "+OK");
    until(PATIENCE, "the write arrives", || (replica.command(&["GET", "order"]) == "17").then_some(()));
    assert!(replica.command(&["ROLE"]).starts_with('*'));
    assert!(replica.command(&["INFO", "replication"]).contains("role:slave"));
    assert_eq!(replica.command(&["SET", "order", "18"]), "-READONLY You can't write against a read only replica.");
}

#[test]
fn redis_loads_until_it_is_let() {
    let redis = Redis::loading();
    for _ in 0..10 {
        assert_eq!(redis.command(&["PING"]), "-LOADING Redis is loading the dataset in memory");
    }
    redis.loaded();
    assert_eq!(redis.command(&["GET", "order:50000"]), "50000");
}

#[test]
fn memcached() {
    let mut memcached = Memcached::start();
    can_be_stopped_and_frozen(&mut memcached, b"version\r\n", b"VERSION 1.");
    leaves_nothing(memcached);
}

#[test]
fn memcached_with_a_password() {
    let mut memcached = Memcached::with_password();
    let words = format!("{USER} {PASSWORD}");
    let ask = format!("set x 0 0 {}\r\n{words}\r\n", words.len());
    can_be_stopped_and_frozen(&mut memcached, ask.as_bytes(), b"STORED\r\n");
    assert_eq!(talk(memcached.address(), b"version\r\n", PATIENCE).unwrap(), *b"CLIENT_ERROR unauthenticated\r\n");
}

/// What OpenSSL's client says about a server that it asks for its page.
fn client(server: SocketAddr, certificate: &Certificate) -> String {
    let folder = Folder::new();
    let root = folder.path().join("root.pem");
    std::fs::write(&root, &certificate.root).unwrap();
    let mut command = openssl();
    command.args(["s_client", "-connect", &server.to_string(), "-verify_hostname", "localhost", "-ign_eof", "-CAfile"]).arg(root);
    content(&mut command, "GET / HTTP/1.0\r\n\r\n")
}

/// Whether a certificate is still good in so many days.
fn lasts(pem: &str, days: u32) -> bool {
    let mut command = openssl();
    command.args(["x509", "-noout", "-checkend", &(days * 86_400).to_string()]);
    installed::output(&mut command, pem).status.success()
}

fn openssl() -> Command {
    installed::program("openssl", "OpenSSL", "openssl")
}

#[test]
fn tls() {
    let certificate = Certificate::ending_in(20.5);
    let mut server = TlsServer::start(&certificate);
    can_be_stopped_and_frozen(&mut server, b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", b"\x15\x03");
    let said = client(server.address(), &certificate);
    assert!(said.contains("Verify return code: 0 (ok)") && said.contains("HTTP/1.0 200 ok"), "{said}");
    assert!(said.contains("NotAfter"), "{said}");

    let other = Certificate::ending_in(-0.5);
    server.renew(&other);
    let said = client(server.address(), &other);
    assert!(said.contains("Verify return code: 10 (certificate has expired)"), "{said}");
    leaves_nothing(server);
}

#[test]
fn an_intermediate_can_end_sooner() {
    let certificate = Certificate::with_intermediate(90.5, 3.5);
    let server = TlsServer::start(&certificate);
    let said = client(server.address(), &certificate);
    assert!(said.contains("Verify return code: 0 (ok)"), "{said}");
    assert!(said.contains(" 1 s:") && !said.contains(" 2 s:"), "{said}");
    let intermediate = certificate.intermediate.as_deref().unwrap();
    assert_eq!([90, 91].map(|days| lasts(&certificate.leaf, days)), [true, false]);
    assert_eq!([3, 4].map(|days| lasts(intermediate, days)), [true, false]);
}

#[test]
#[should_panic(expected = "the real-server tests need Nothing; install it with `apt-get install nothing`")]
fn what_is_missing_is_named() {
    let _ = installed::program("no-such-program", "Nothing", "nothing");
}

#[test]
fn free_ports_differ() {
    let mut ports: Vec<_> = (0..100).map(|_| free_port()).collect();
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), 100);
}
