//! Ports and connections of 127.0.0.1.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Mutex;
use std::time::Duration;
use std::{env, process};

/// How `/proc/net/tcp` writes that a socket listens.
const LISTEN: &str = "0A";

/// Ports below those that the system assigns to clients and to servers on port 0. One of those could get the port of a stopped
/// server, and then receive its connections or block the restart.
const FIRST: u16 = 12_000;
const PORTS: u16 = 20_000;

/// Returns a port that nothing listens on, and reserves it until this process ends. No other test gets it, not even while
/// its server is stopped.
#[must_use]
pub fn free_port() -> u16 {
    static RESERVED: Mutex<Vec<File>> = Mutex::new(Vec::new());
    let folder = env::temp_dir().join("health-tests-ports");
    fs::create_dir_all(&folder).expect("a folder for the reserved ports");
    let offset = u16::try_from(process::id() % u32::from(PORTS)).expect("less than there are ports");
    for step in 0..PORTS {
        let port = FIRST + (offset + step) % PORTS;
        let reservation = File::create(folder.join(port.to_string())).expect("a file for a port");
        // The lock is shared between processes, and each open file has its own.
        if reservation.try_lock().is_ok() && TcpListener::bind(("127.0.0.1", port)).is_ok() {
            RESERVED.lock().expect("no thread panics while it holds this").push(reservation);
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
