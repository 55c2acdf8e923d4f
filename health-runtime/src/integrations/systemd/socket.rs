//! The `sd_notify` protocol: one datagram per message.
//!
//! Does not use the crate `sd-notify` 0.5, which supports no abstract sockets and sends without a timeout.

use std::io;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::core::events::notifier;

/// A manager that does not read must not block the notifications that follow.
const SEND_TIMEOUT: Duration = Duration::from_secs(1);

pub(super) struct Socket {
    datagrams: UnixDatagram,
    address: SocketAddr,
    is_failing: AtomicBool,
}

impl Socket {
    pub(super) fn open(address: SocketAddr) -> io::Result<Self> {
        let datagrams = UnixDatagram::unbound()?;
        datagrams.set_write_timeout(Some(SEND_TIMEOUT))?;
        Ok(Self { datagrams, address, is_failing: AtomicBool::new(false) })
    }

    /// Returns whether the message was sent. Logs the first failure and the first success after it.
    pub(super) fn send(&self, message: &str) -> bool {
        let sent = self.datagrams.send_to_addr(message.as_bytes(), &self.address);
        let was_failing = self.is_failing.swap(sent.is_err(), Ordering::Relaxed);
        let is_ok = sent.is_ok();
        match sent {
            Err(error) if !was_failing => {
                notifier::log(move || tracing::warn!(%error, "cannot send systemd notification; will retry"));
            }
            Ok(_) if was_failing => notifier::log(|| tracing::info!("systemd notifications are sent again")),
            _ => {}
        }
        is_ok
    }
}
