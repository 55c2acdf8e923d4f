//! Long experiments: many probes while checks fail at random, and simulated fleets. One runs at a time.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod concurrent_readers;
mod fleet;
mod leaks;
mod simulated_hour;
mod soak;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The only running experiment. Each needs the machine for itself: at the same time as another one it would be slower.
struct Running {
    _guard: MutexGuard<'static, ()>,
}

/// Waits until no other experiment runs.
fn one_at_a_time() -> Running {
    static RUNNING: Mutex<()> = Mutex::new(());
    Running { _guard: RUNNING.lock().unwrap_or_else(PoisonError::into_inner) }
}
