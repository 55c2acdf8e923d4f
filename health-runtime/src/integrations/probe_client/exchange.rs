//! One request and its response over TCP, within one deadline.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::probe_url::ProbeUrl;
use super::response::{HttpResponse, ResponseReader};

/// Why there is no response.
#[derive(Debug)]
pub(in crate::integrations) enum ProbeError {
    Timeout,
    /// The predicate of a sentence whose subject is the URL.
    Other(String),
}

/// Connects, sends the request, and reads the response to its end.
pub(in crate::integrations) fn exchange(url: &ProbeUrl, deadline: Instant) -> Result<HttpResponse, ProbeError> {
    let mut stream = connect(&resolve(url, deadline)?, deadline)?;
    let failed = |error: io::Error| match error.kind() {
        // Linux reports a socket timeout as `WouldBlock`.
        ErrorKind::WouldBlock | ErrorKind::TimedOut => ProbeError::Timeout,
        kind => ProbeError::Other(format!("closed the connection unexpectedly: {kind}")),
    };
    stream.set_write_timeout(Some(remaining(deadline)?)).map_err(failed)?;
    stream.write_all(url.request().as_bytes()).map_err(failed)?;
    let mut response = ResponseReader::default();
    let mut buffer = [0; 4096];
    loop {
        // Set before each read, so that a server that sends single bytes does not extend the deadline.
        stream.set_read_timeout(Some(remaining(deadline)?)).map_err(failed)?;
        let count = match stream.read(&mut buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed(error)),
        };
        let received = buffer.get(..count).unwrap_or_default();
        if let Some(response) = response.receive(received).map_err(ProbeError::Other)? {
            return Ok(response);
        }
    }
}

fn remaining(deadline: Instant) -> Result<Duration, ProbeError> {
    let remaining = deadline.saturating_duration_since(Instant::now());
    if remaining.is_zero() { Err(ProbeError::Timeout) } else { Ok(remaining) }
}

fn resolve(url: &ProbeUrl, deadline: Instant) -> Result<Vec<SocketAddr>, ProbeError> {
    let failed = |error: io::Error| ProbeError::Other(format!("cannot be reached: {error}"));
    if !url.has_domain() {
        return url.resolve().map_err(failed);
    }
    // On a thread, because a lookup has no timeout. The thread does not keep the process from exiting.
    let (result_tx, result_rx) = mpsc::channel();
    let url = url.clone();
    thread::Builder::new().name("health-probe".to_owned()).spawn(move || result_tx.send(url.resolve())).map_err(failed)?;
    let addresses = result_rx.recv_timeout(remaining(deadline)?).map_err(|_| ProbeError::Timeout)?;
    addresses.map_err(failed)
}

/// Tries the addresses in order. Each gets an equal share of the remaining time, so that an address that does not
/// respond leaves time for the next.
fn connect(addresses: &[SocketAddr], deadline: Instant) -> Result<TcpStream, ProbeError> {
    let mut problem = ProbeError::Other("cannot be reached: its name has no address".to_owned());
    for (address, untried) in addresses.iter().zip((1..=addresses.len()).rev()) {
        let share = remaining(deadline)? / u32::try_from(untried).unwrap_or(u32::MAX);
        // `connect_timeout` rejects a timeout of zero.
        match TcpStream::connect_timeout(address, share.max(Duration::from_nanos(1))) {
            Ok(stream) => return Ok(stream),
            Err(error) if error.kind() == ErrorKind::TimedOut => problem = ProbeError::Timeout,
            Err(error) => problem = ProbeError::Other(format!("cannot be reached: {}", error.kind())),
        }
    }
    Err(problem)
}
