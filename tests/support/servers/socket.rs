//! Ports and connections of 127.0.0.1.

use std::collections::HashSet;
use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

/// How `/proc/net/tcp` writes that a socket listens.
const LISTEN: &str = "0A";

/// Ports below those that the system assigns to clients. A client could get the port of a stopped server, and then connect to
/// itself or block the restart.
const FIRST: u16 = 12_000;
const PORTS: u16 = 20_000;

/// Returns a port that nothing listens on. If another process takes it first, the server fails to start with an error.
#[must_use]
pub fn free_port() -> u16 {
    static COUNT: AtomicU16 = AtomicU16::new(0);
    let of_process = u16::try_from(process::id() % u32::from(PORTS)).expect("less than there are ports");
    for _ in 0..PORTS {
        let step = COUNT.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + of_process.wrapping_add(step.wrapping_mul(37)) % PORTS;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port of 127.0.0.1 is free");
}

/// Returns how many connections a server at this port has in the list of the system: accepted ones, waiting ones,
/// and closed ones that linger.
#[must_use]
pub fn connections(port: u16) -> usize {
    let local = format!(":{port:04X}");
    let table = fs::read_to_string("/proc/net/tcp").expect("/proc/net/tcp");
    // A set, because a line may be there twice if the table grew while it was read.
    let clients: HashSet<_> = table.lines().filter_map(|line| client_of(line, &local)).collect();
    clients.len()
}

/// Returns the other end, if the line is a connection of this local port.
fn client_of<'a>(line: &'a str, local: &str) -> Option<&'a str> {
    let mut fields = line.split_ascii_whitespace().skip(1);
    let (here, there, state) = (fields.next()?, fields.next()?, fields.next()?);
    (here.ends_with(local) && state != LISTEN).then_some(there)
}

/// Sends bytes on a new connection and returns the first response, which is empty if the server closes it.
pub fn talk(server: SocketAddr, bytes: &[u8], limit: Duration) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&server, limit)?;
    stream.set_read_timeout(Some(limit))?;
    stream.write_all(bytes)?;
    let mut response = vec![0; 4096];
    let count = stream.read(&mut response)?;
    response.truncate(count);
    Ok(response)
}

/// Returns whether connections are refused.
pub(super) fn refuses(server: SocketAddr) -> bool {
    let connected = TcpStream::connect_timeout(&server, Duration::from_secs(1));
    connected.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}
