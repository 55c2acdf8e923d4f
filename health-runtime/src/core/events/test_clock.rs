//! Whether tokio's clock is paused, for the waits of tests.

use std::time::Instant;

/// Whether tokio's clock differs from the clock of the machine.
pub(crate) fn is_paused() -> bool {
    let before = Instant::now();
    let now = tokio::time::Instant::now().into_std();
    now < before || now > Instant::now()
}
