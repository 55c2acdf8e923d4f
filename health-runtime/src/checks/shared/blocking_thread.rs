//! What may block, on a thread of its own: on tokio's blocking pool it would keep the process from exiting.

use std::io;
use std::sync::mpsc;
use std::thread;

use tokio::sync::oneshot;

/// The answer to come, and what ends with the thread, for [`hold`](crate::paused::hold).
pub(in crate::checks) fn on_thread<T: Send + 'static>(
    name: &str,
    ask: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<(oneshot::Receiver<io::Result<T>>, mpsc::Receiver<()>)> {
    let (done, answer) = oneshot::channel();
    let (alive, gone) = mpsc::channel();
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        // Nobody waits any more where the check is gone, or its run was cut off.
        let _ = done.send(ask());
        drop(alive);
    })?;
    Ok((answer, gone))
}
