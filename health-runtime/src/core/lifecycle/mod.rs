//! The phases of the process: startup, ready, drain, shutdown.
//!
//! - here: the startup latch and the drain. Neither ever goes back.
//! - `maintenance`: not ready for a while.
//! - `signals`: SIGTERM and SIGINT start the drain and end it.
//! - `in_flight`: counts the application's requests in flight.
//!
//! The phase is one atomic, read without a lock. It changes first; the stage of the signals and the waiters of the drain follow,
//! and the publisher is notified last: from there on code of the application is called.

mod in_flight;
mod maintenance;
mod request_rate;
mod signal_source;
mod signals;

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::core::events::TransitionPublisher;
use crate::core::events::contain::contain_panic;
use crate::core::events::notifier;
use crate::core::model::aggregate::Phase;
pub(crate) use in_flight::{InFlightRequests, RequestGuard};
pub use maintenance::Maintenance;
use maintenance::MaintenanceReasons;
use signals::ShutdownStage;
pub(crate) use signals::shutdown;

const STARTED: u8 = 1;
const DRAINING: u8 = 2;
const MAINTENANCE: u8 = 4;

/// The phase of the process.
pub(crate) struct Lifecycle {
    phase_bits: AtomicU8,
    /// Shared with the heartbeats: a task that ends from then on ends as planned.
    drain_started_at: Arc<OnceLock<Instant>>,
    drain_started: Notify,
    drain_delay: Duration,
    /// `None` in unit tests.
    publisher: Option<Arc<TransitionPublisher>>,
    /// The stage that signals requested, once `shutdown` was called.
    stage: OnceLock<watch::Receiver<ShutdownStage>>,
    in_flight: InFlightRequests,
    maintenance: MaintenanceReasons,
}

impl Lifecycle {
    /// `started`: there is no startup check to wait for.
    pub(crate) fn new(started: bool, drain_delay: Duration, publisher: Option<Arc<TransitionPublisher>>) -> Self {
        Self {
            phase_bits: AtomicU8::new(if started { STARTED } else { 0 }),
            drain_started_at: publisher.as_ref().map(|publisher| Arc::clone(publisher.drain_start())).unwrap_or_default(),
            drain_started: Notify::new(),
            drain_delay,
            publisher,
            stage: OnceLock::new(),
            in_flight: InFlightRequests::default(),
            maintenance: MaintenanceReasons::default(),
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        let bits = self.phase_bits.load(Ordering::Acquire);
        let is_set = |bit| bits & bit != 0;
        Phase { started: is_set(STARTED), draining: is_set(DRAINING), maintenance: is_set(MAINTENANCE) }
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.phase_bits.load(Ordering::Acquire) & DRAINING != 0
    }

    pub(crate) fn in_flight(&self) -> &InFlightRequests {
        &self.in_flight
    }

    #[cfg(feature = "kubernetes")]
    pub(crate) fn drain_delay(&self) -> Duration {
        self.drain_delay
    }

    /// Passes startup for good, unless the drain has begun. Returns whether this call passed it.
    pub(crate) fn pass_startup(&self) -> bool {
        let start = |bits| (bits & (STARTED | DRAINING) == 0).then_some(bits | STARTED);
        let passed = self.phase_bits.fetch_update(Ordering::AcqRel, Ordering::Acquire, start).is_ok();
        if passed {
            self.publish_phase();
        }
        passed
    }

    /// Starts the drain, which never ends.
    pub(crate) fn drain(&self) {
        self.start_drain();
        self.publish_drain();
    }

    /// Changes the phase. Call [`publish_drain`](Self::publish_drain) next.
    fn start_drain(&self) {
        self.drain_started_at.get_or_init(Instant::now);
        self.phase_bits.fetch_or(DRAINING, Ordering::AcqRel);
        if let Some(publisher) = &self.publisher {
            publisher.bump_epoch();
        }
    }

    fn publish_drain(&self) {
        contain_panic(|| self.drain_started.notify_waiters());
        self.publish_phase();
    }

    /// Waits until the drain starts.
    #[cfg(any(feature = "grpc", all(feature = "systemd", unix)))]
    pub(crate) async fn wait_for_drain(&self) {
        // Created before the phase is read, so that no notification is lost between the two.
        let started = self.drain_started.notified();
        if !self.is_draining() {
            started.await;
        }
    }

    /// Waits until the drain ends: its delay has passed, or a signal ended it.
    #[cfg(feature = "grpc")]
    pub(crate) async fn wait_for_drain_end(&self) {
        self.wait_for_drain().await;
        let stage = self.stage.get().cloned();
        tokio::select! {
            () = tokio::time::sleep_until(self.drain_ends_at()) => {}
            () = signals::wait_for_stop_signal(stage) => {}
        }
    }

    fn publish_phase(&self) {
        if let Some(publisher) = &self.publisher {
            publisher.update_phase(|| self.phase());
            notifier::flush();
        }
    }

    /// Returns when the drain delay ends, counted from the start of the drain.
    fn drain_ends_at(&self) -> Instant {
        *self.drain_started_at.get_or_init(Instant::now) + self.drain_delay
    }
}
