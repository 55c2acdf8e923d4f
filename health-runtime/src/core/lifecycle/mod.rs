//! The life of the process: it starts, serves, drains and stops.
//!
//! - here: the startup latch and the drain, which only ever go forward.
//! - `signals`: SIGTERM and SIGINT, turned into a drain and a stop.
//! - `in_flight`: how many requests of the application are under way.

mod in_flight;
mod signals;

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{OnceLock, Weak};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::core::events::Ledger;
use crate::core::model::report::Phase;
pub(crate) use in_flight::{InFlight, Ticket};
use signals::Stage;
pub(crate) use signals::shutdown;

const STARTED: u8 = 1;
const DRAINING: u8 = 2;

/// Where the process stands in its life. Nothing here ever goes back.
pub(crate) struct Lifecycle {
    bits: AtomicU8,
    draining_since: OnceLock<Instant>,
    begins_to_drain: Notify,
    drain_delay: Duration,
    /// Weak, because who waits for the shutdown must not keep subscribers waiting.
    ledger: Weak<Ledger>,
    /// What the signals have asked for, once somebody listens to them.
    stage: OnceLock<watch::Receiver<Stage>>,
    in_flight: InFlight,
}

impl Lifecycle {
    /// `started`: there is nothing to wait for.
    pub(crate) fn new(started: bool, drain_delay: Duration, ledger: Weak<Ledger>) -> Self {
        let bits = AtomicU8::new(if started { STARTED } else { 0 });
        let (draining_since, begins_to_drain) = (OnceLock::new(), Notify::new());
        let (stage, in_flight) = (OnceLock::new(), InFlight::default());
        Self { bits, draining_since, begins_to_drain, drain_delay, ledger, stage, in_flight }
    }

    pub(crate) fn phase(&self) -> Phase {
        let bits = self.bits.load(Ordering::Acquire);
        Phase { started: bits & STARTED != 0, draining: bits & DRAINING != 0 }
    }

    pub(crate) fn in_flight(&self) -> &InFlight {
        &self.in_flight
    }

    #[cfg(feature = "kubernetes")]
    pub(crate) fn drain_delay(&self) -> Duration {
        self.drain_delay
    }

    /// Passes startup, for good; not any more once the drain has begun. Says whether this call did it.
    pub(crate) fn pass_startup(&self) -> bool {
        let passed = self.bits.compare_exchange(0, STARTED, Ordering::AcqRel, Ordering::Acquire).is_ok();
        if passed {
            self.tell();
        }
        passed
    }

    /// Not ready from now on, for good.
    pub(crate) fn drain(&self) {
        self.draining_since.get_or_init(Instant::now);
        self.bits.fetch_or(DRAINING, Ordering::AcqRel);
        self.begins_to_drain.notify_waiters();
        self.tell();
    }

    /// Ends when the drain begins; at once where it has begun.
    #[cfg(feature = "systemd")]
    pub(crate) async fn drains(&self) {
        // Asked for before the look, so that nothing falls between the two.
        let begins = self.begins_to_drain.notified();
        if !self.phase().draining {
            begins.await;
        }
    }

    fn tell(&self) {
        if let Some(ledger) = self.ledger.upgrade() {
            ledger.enter(self.phase());
        }
    }

    /// When the drain delay is over, counted from the beginning of the drain.
    fn drained_at(&self) -> Instant {
        *self.draining_since.get_or_init(Instant::now) + self.drain_delay
    }
}
