//! A gate that blocks the thread of each run while it is closed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};

/// Blocks runs while it is closed, and counts them.
#[derive(Debug)]
pub struct Gate {
    is_open: Mutex<bool>,
    opened: Condvar,
    started: AtomicUsize,
    finished: AtomicUsize,
}

impl Gate {
    /// Creates an open gate.
    pub fn opened() -> Self {
        Self::new(true)
    }

    /// Creates a closed gate.
    pub fn closed() -> Self {
        Self::new(false)
    }

    fn new(is_open: bool) -> Self {
        let (started, finished) = Default::default();
        Self { is_open: Mutex::new(is_open), opened: Condvar::new(), started, finished }
    }

    /// Lets all runs pass from now on.
    pub fn open(&self) {
        *self.is_open.lock().unwrap() = true;
        self.opened.notify_all();
    }

    /// Blocks all runs from now on.
    pub fn close(&self) {
        *self.is_open.lock().unwrap() = false;
    }

    /// Waits until the gate is open.
    pub fn pass(&self) {
        self.started.fetch_add(1, Ordering::SeqCst);
        drop(self.opened.wait_while(self.is_open.lock().unwrap(), |is_open| !*is_open).unwrap());
        self.finished.fetch_add(1, Ordering::SeqCst);
    }

    /// Opens the gate when the guard is dropped, also after a panic: a server would wait for the blocked runs forever.
    #[must_use]
    pub fn open_on_drop(&self) -> OpenOnDrop<'_> {
        OpenOnDrop(self)
    }

    /// Returns how many runs came.
    pub fn started(&self) -> usize {
        self.started.load(Ordering::SeqCst)
    }

    /// Returns how many runs passed.
    pub fn finished(&self) -> usize {
        self.finished.load(Ordering::SeqCst)
    }
}

/// The guard of [`Gate::open_on_drop`].
#[derive(Debug)]
pub struct OpenOnDrop<'g>(&'g Gate);

impl Drop for OpenOnDrop<'_> {
    fn drop(&mut self) {
        self.0.open();
    }
}
