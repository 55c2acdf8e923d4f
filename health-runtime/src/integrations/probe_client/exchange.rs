//! One request and its answer over TCP, under one limit.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::response::Answer;
use super::target::{Host, Target};

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Problem {
    /// The limit has passed.
    Late,
    /// What is wrong, behind a subject.
    Other(String),
}

/// Connects, asks, and reads as much of the answer as is wanted.
pub(super) fn exchange(target: &Target, until: Instant) -> Result<Answer, Problem> {
    let mut stream = connect(&addresses(target, until)?, until)?;
    let failed = |error: &io::Error| match error.kind() {
        // Linux says the first where it means the second.
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Problem::Late,
        kind => Problem::Other(format!("broke the connection off: {kind}")),
    };
    stream.set_write_timeout(Some(left(until)?)).map_err(|error| failed(&error))?;
    stream.write_all(target.request().as_bytes()).map_err(|error| failed(&error))?;
    let mut raw = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        // Anew for each read: who sends byte after byte gains no time by it.
        stream.set_read_timeout(Some(left(until)?)).map_err(|error| failed(&error))?;
        let count = match stream.read(&mut buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed(&error)),
        };
        raw.extend_from_slice(buffer.get(..count).unwrap_or_default());
        if let Some(answer) = Answer::read(&raw, count == 0).map_err(Problem::Other)? {
            return Ok(answer);
        }
    }
}

fn left(until: Instant) -> Result<Duration, Problem> {
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(Problem::Late) } else { Ok(left) }
}

fn addresses(target: &Target, until: Instant) -> Result<Vec<SocketAddr>, Problem> {
    let name = match &target.host {
        Host::Address(address) => return Ok(vec![SocketAddr::new(*address, target.port)]),
        Host::Name(name) => (name.clone(), target.port),
    };
    let failed = |error: &io::Error| Problem::Other(format!("cannot be reached: {error}"));
    // On a thread, because a look-up takes as long as the resolver likes. It does not keep the process from exiting.
    let (found, is_found) = mpsc::channel();
    thread::Builder::new()
        .name("health-probe".to_owned())
        .spawn(move || found.send(name.to_socket_addrs().map(Vec::from_iter)))
        .map_err(|error| failed(&error))?;
    let found = is_found.recv_timeout(left(until)?).map_err(|_| Problem::Late)?;
    found.map_err(|error| failed(&error))
}

/// Tries one after the other, each for its share of the time, so that one that is silent leaves some for the next.
fn connect(addresses: &[SocketAddr], until: Instant) -> Result<TcpStream, Problem> {
    let mut problem = Problem::Other("cannot be reached: its name has no address".to_owned());
    for (address, to_try) in addresses.iter().zip((1..=addresses.len()).rev()) {
        let share = left(until)? / u32::try_from(to_try).unwrap_or(u32::MAX);
        // Zero is refused; it means that there is no time left.
        match TcpStream::connect_timeout(address, share.max(Duration::from_nanos(1))) {
            Ok(stream) => return Ok(stream),
            Err(error) if error.kind() == ErrorKind::TimedOut => problem = Problem::Late,
            Err(error) => problem = Problem::Other(format!("cannot be reached: {}", error.kind())),
        }
    }
    Err(problem)
}
