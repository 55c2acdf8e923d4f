//! An imitation of systemd: a socket that receives notifications.

use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::time::Duration;

use crate::until;

/// Receives the notifications.
#[derive(Debug)]
pub struct ServiceManager {
    socket: UnixDatagram,
    received: Vec<String>,
}

impl ServiceManager {
    /// Receives at this path, which a program finds in `NOTIFY_SOCKET`.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        let socket = UnixDatagram::bind(path).unwrap();
        socket.set_nonblocking(true).unwrap();
        Self { socket, received: Vec::new() }
    }

    /// Returns every notification so far.
    pub fn received(&mut self) -> &[String] {
        let mut buffer = [0; 4096];
        while let Ok(count) = self.socket.recv(&mut buffer) {
            self.received.push(str::from_utf8(&buffer[..count]).unwrap().to_owned());
        }
        &self.received
    }

    /// Waits until a notification was received this often.
    pub fn wait_for(&mut self, message: &str, times: usize, limit: Duration) {
        until(limit, message, || (self.received().iter().filter(|received| *received == message).count() >= times).then_some(()));
    }
}
