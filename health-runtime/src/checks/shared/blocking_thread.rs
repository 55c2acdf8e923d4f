//! Blocking calls on dedicated threads.

use std::io;

use crate::core::engine::dedicated_thread;

/// Starts `work` on a dedicated thread and returns a future of its result.
///
/// A panic of `work` is an error of the kind `Other`. Dropping the future leaves the thread running.
pub(in crate::checks) fn spawn_blocking_thread<T: Send + 'static>(
    name: &'static str,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<impl Future<Output = io::Result<T>> + Send + 'static> {
    let thread = dedicated_thread::spawn(name.to_owned(), work)?;
    Ok(async move {
        thread.exit.wait().await;
        thread.result.await.unwrap_or_else(|closed| Err(io::Error::other(closed)))
    })
}
