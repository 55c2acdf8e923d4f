//! tokio's paused clock, as tests have it, and threads, which no clock can pause.

use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use tokio::task::spawn_blocking;

/// How long a test's paused clock waits for a thread.
const HOLD: Duration = Duration::from_millis(50);

/// Lets a thread come to its end before a paused clock runs ahead; without one it does nothing. `gone` has the other end
/// of what the thread drops last.
///
/// The clock runs ahead to the next limit as soon as nothing but the thread is busy; while a blocking task is, it stands.
pub(crate) async fn hold(gone: Receiver<()>) {
    if is_paused() {
        let _ = spawn_blocking(move || gone.recv_timeout(HOLD)).await;
    }
}

/// Whether tokio's clock is another than the machine's.
fn is_paused() -> bool {
    let before = Instant::now();
    let now = tokio::time::Instant::now().into_std();
    now < before || now > Instant::now()
}
