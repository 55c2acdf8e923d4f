//! The two signals that stop a process, and their handlers: SIGTERM and SIGINT, and on Windows Ctrl-Break and Ctrl-C.

use std::io;

#[cfg(unix)]
pub(super) use tokio::signal::unix::SignalKind;
#[cfg(unix)]
use tokio::signal::unix::{Signal as Terminate, Signal as Interrupt, signal};
#[cfg(windows)]
use tokio::signal::windows::{CtrlBreak as Terminate, CtrlC as Interrupt, ctrl_break, ctrl_c};

/// The handlers of both signals. They cannot be removed: the default action of a signal, which ends the process, does not come
/// back when they are dropped.
pub(super) struct SignalHandlers {
    terminate: Terminate,
    interrupt: Interrupt,
}

impl SignalHandlers {
    /// Installs the handlers. Needs a runtime with I/O.
    #[cfg(unix)]
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Installs the handlers. Needs a runtime with I/O.
    #[cfg(windows)]
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { terminate: ctrl_break()?, interrupt: ctrl_c()? })
    }

    /// Waits for the next signal.
    pub(super) async fn signal(&mut self) -> SignalKind {
        tokio::select! {
            Some(()) = self.terminate.recv() => SignalKind::terminate(),
            Some(()) = self.interrupt.recv() => SignalKind::interrupt(),
            else => std::future::pending().await,
        }
    }
}

/// A signal, with the number that it has on Unix.
#[cfg(windows)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SignalKind(i32);

#[cfg(windows)]
impl SignalKind {
    pub(super) const fn interrupt() -> Self {
        Self(2)
    }

    pub(super) const fn terminate() -> Self {
        Self(15)
    }

    pub(super) const fn as_raw_value(self) -> i32 {
        self.0
    }
}
