//! Blocking calls on dedicated threads.

use std::io;
use std::sync::mpsc;
use std::thread;

use tokio::sync::oneshot;

use crate::core::engine::test_clock::hold;

/// Starts `work` on a new thread and returns a future of its result.
///
/// A call that hangs on tokio's blocking pool would keep the process from exiting; one on this thread does not. A panic of
/// `work` is an error of the kind `Other`. Dropping the future leaves the thread running.
pub(in crate::checks) fn spawn_blocking_thread<T: Send + 'static>(
    name: &'static str,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<impl Future<Output = io::Result<T>> + Send + 'static> {
    let (result_tx, result_rx) = oneshot::channel();
    let (exit_guard, exited) = mpsc::channel();
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        // The receiver is gone when the check was dropped or its run was cancelled.
        let _ = result_tx.send(work());
        drop(exit_guard);
    })?;
    Ok(async move {
        hold(exited).await;
        result_rx.await.unwrap_or_else(|closed| Err(io::Error::other(closed)))
    })
}
