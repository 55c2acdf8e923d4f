//! Runs code that may block on a dedicated thread. On tokio's blocking pool, code that hangs keeps the process from exiting.
//!
//! With the feature `test-util`, a paused clock of tokio waits for the thread: it advances to the next timer as soon as every task
//! is idle, although a thread is still busy. While a blocking task runs, the clock does not advance.

use std::io;
use std::thread;

use tokio::sync::oneshot;

#[cfg(any(test, feature = "test-util"))]
use test_clock::ThreadExit;

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
        let _exit_guard = exit_guard;
        let _ = sender.send(work());
    })?;
    Ok(DedicatedThread { result, exit })
}

#[cfg(not(any(test, feature = "test-util")))]
#[derive(Debug)]
pub(crate) struct ThreadExit;

#[cfg(not(any(test, feature = "test-util")))]
impl ThreadExit {
    fn new() -> (Self, ()) {
        (Self, ())
    }

    /// Returns at once: only tests pause the clock.
    #[expect(clippy::unused_async, reason = "it waits with the feature `test-util`")]
    pub(crate) async fn wait(self) {}
}

#[cfg(any(test, feature = "test-util"))]
mod test_clock {
    use std::sync::mpsc;
    use std::time::{Duration, Instant};

    use tokio::task::spawn_blocking;

    /// The maximum real time that a paused clock waits for a thread.
    const MAX_WAIT: Duration = Duration::from_millis(50);

    /// Disconnected when the thread exits.
    #[derive(Debug)]
    pub(crate) struct ThreadExit(mpsc::Receiver<()>);

    impl ThreadExit {
        pub(super) fn new() -> (Self, mpsc::Sender<()>) {
            let (guard, exited) = mpsc::channel();
            (Self(exited), guard)
        }

        /// Waits until the thread exits, at most 50 ms of real time. Returns at once if the clock is not paused.
        pub(crate) async fn wait(self) {
            if is_paused() {
                let _ = spawn_blocking(move || self.0.recv_timeout(MAX_WAIT)).await;
            }
        }
    }

    /// Whether tokio's clock differs from the clock of the machine.
    fn is_paused() -> bool {
        let before = Instant::now();
        let now = tokio::time::Instant::now().into_std();
        now < before || now > Instant::now()
    }
}
