//! Runs code that may block on a dedicated thread. On tokio's blocking pool, code that hangs keeps the process from exiting.
//!
//! With the feature `test-util`, a paused clock of tokio waits for the thread: it advances to the next timer as soon as every task
//! is idle, although a thread is still busy. While a blocking task runs, the clock does not advance.

use std::io;
use std::sync::mpsc;
use std::thread;

use tokio::sync::oneshot;

#[cfg(any(test, feature = "test-util"))]
use crate::core::events::test_clock;

/// The maximum real time that a paused clock waits for a thread. A busy machine may need long to start one.
#[cfg(any(test, feature = "test-util"))]
const MAX_WAIT: std::time::Duration = std::time::Duration::from_secs(1);

/// A dedicated thread. [`result`](Self::result) ends with an error if the thread panics.
#[derive(Debug)]
pub(crate) struct DedicatedThread<T> {
    pub(crate) result: oneshot::Receiver<T>,
    pub(crate) exit: ThreadExit,
}

/// Starts a thread that calls `work`. The result is lost if the receiver is dropped.
pub(crate) fn spawn<T: Send + 'static>(
    name: String,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<DedicatedThread<T>> {
    let (sender, result) = oneshot::channel();
    let (exit, exit_guard) = ThreadExit::new();
    thread::Builder::new().name(name).spawn(move || {
        let _ = sender.send(work());
        drop(exit_guard);
    })?;
    Ok(DedicatedThread { result, exit })
}

/// Waits for the exit of a thread, in tests only. Disconnected when the thread exits.
#[derive(Debug)]
#[cfg_attr(not(any(test, feature = "test-util")), expect(dead_code, reason = "only tests wait"))]
pub(crate) struct ThreadExit(Option<mpsc::Receiver<()>>);

impl ThreadExit {
    /// Returns also what the thread drops when it exits.
    fn new() -> (Self, Option<mpsc::Sender<()>>) {
        if cfg!(any(test, feature = "test-util")) {
            let (guard, exited) = mpsc::channel();
            (Self(Some(exited)), Some(guard))
        } else {
            (Self(None), None)
        }
    }

    /// Waits until the thread exits, at most one second of real time. Returns at once if the clock is not paused.
    #[cfg_attr(not(any(test, feature = "test-util")), expect(clippy::unused_async, reason = "only tests wait"))]
    pub(crate) async fn wait(self) {
        #[cfg(any(test, feature = "test-util"))]
        if let Some(exited) = self.0.filter(|_| test_clock::is_paused()) {
            let _ = tokio::task::spawn_blocking(move || exited.recv_timeout(MAX_WAIT)).await;
        }
    }
}
