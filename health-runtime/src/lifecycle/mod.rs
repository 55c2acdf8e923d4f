//! The life of the process: it starts, serves, drains and stops.
//!
//! - here: the startup latch and the drain, which only ever go forward.
//! - `signals`: SIGTERM and SIGINT, turned into a drain and a stop.

mod signals;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::report::Phase;
use signals::Stage;
pub(crate) use signals::shutdown;

const STARTED: u8 = 1;
const DRAINING: u8 = 2;

/// Where the process stands in its life. Nothing here ever goes back.
pub(crate) struct Lifecycle {
    bits: AtomicU8,
    draining_since: OnceLock<Instant>,
    drain_delay: Duration,
    /// What the signals have asked for, once somebody listens to them.
    stage: OnceLock<watch::Receiver<Stage>>,
}

impl Lifecycle {
    pub(crate) fn new(drain_delay: Duration) -> Self {
        Self { bits: AtomicU8::new(0), draining_since: OnceLock::new(), drain_delay, stage: OnceLock::new() }
    }

    pub(crate) fn phase(&self) -> Phase {
        let bits = self.bits.load(Ordering::Acquire);
        Phase { started: bits & STARTED != 0, draining: bits & DRAINING != 0 }
    }

    /// Passes startup, for good; not any more once the drain has begun. Says whether this call did it.
    pub(crate) fn pass_startup(&self) -> bool {
        self.bits.compare_exchange(0, STARTED, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Not ready from now on, for good.
    pub(crate) fn drain(&self) {
        self.draining_since.get_or_init(Instant::now);
        self.bits.fetch_or(DRAINING, Ordering::AcqRel);
    }

    /// When the drain delay is over, counted from the beginning of the drain.
    fn drained_at(&self) -> Instant {
        *self.draining_since.get_or_init(Instant::now) + self.drain_delay
    }
}
