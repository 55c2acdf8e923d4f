//! The protocol of `sd_notify`: one datagram for each message.

use std::io;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A manager that does not read must not hold up what comes next.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Where systemd listens.
pub(super) struct Socket {
    datagrams: UnixDatagram,
    address: SocketAddr,
    failing: AtomicBool,
}

impl Socket {
    pub(super) fn open(address: SocketAddr) -> io::Result<Self> {
        let datagrams = UnixDatagram::unbound()?;
        datagrams.set_write_timeout(Some(LONGEST_WAIT))?;
        Ok(Self { datagrams, address, failing: AtomicBool::new(false) })
    }

    /// Whether it has arrived. That it fails is logged once, until it works again.
    pub(super) fn send(&self, message: &str) -> bool {
        let sent = self.datagrams.send_to_addr(message.as_bytes(), &self.address);
        let was_failing = self.failing.swap(sent.is_err(), Ordering::Relaxed);
        match &sent {
            Err(error) if !was_failing => tracing::warn!(%error, "systemd cannot be told; it is tried again"),
            Ok(_) if was_failing => tracing::info!("systemd is told again"),
            _ => {}
        }
        sent.is_ok()
    }
}
