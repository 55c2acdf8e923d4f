//! Probes a target once a second, whichever of its watches does it.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::target::Target;
use crate::core::health::Health;
use crate::core::model::status::HealthState;

const PERIOD: Duration = Duration::from_secs(1);

/// When the next probe of each target is due. Shared by the watches; the lock is held for a look-up.
#[derive(Clone, Default)]
pub(super) struct Claims(Arc<Mutex<HashMap<String, Instant>>>);

impl Claims {
    /// Claims the probe that is due at `now`, if there is one. Returns whether it did, and when the next one is due.
    fn claim(&self, target: &str, now: Instant) -> (bool, Instant) {
        let mut due_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match due_at.get_mut(target) {
            Some(due_at) if *due_at > now => (false, *due_at),
            Some(due_at) => {
                *due_at = now + PERIOD;
                (true, *due_at)
            }
            None => {
                due_at.insert(target.to_owned(), now + PERIOD);
                (true, now + PERIOD)
            }
        }
    }
}

/// The probes of one watch.
pub(super) struct Prober {
    health: Health,
    target: Target,
    claims: Claims,
    due_at: Instant,
    /// A probe that has started. It outlives the futures of [`next_state`](Self::next_state).
    pending: Option<Pin<Box<dyn Future<Output = HealthState> + Send>>>,
}

impl Prober {
    /// Creates a prober whose first probe is due at once.
    pub(super) fn new(health: &Health, target: &Target, claims: &Claims) -> Self {
        let (_, due_at) = claims.claim(target.name(), Instant::now());
        let mut prober = Self { health: health.clone(), target: target.clone(), claims: claims.clone(), due_at, pending: None };
        prober.start();
        prober
    }

    /// Starts a probe now, unless one is pending.
    pub(super) fn start(&mut self) {
        let (health, target) = (self.health.clone(), self.target.clone());
        self.pending
            .get_or_insert_with(|| Box::pin(async move { target.state_of(&health.inner().evaluate(&target.query()).await) }));
    }

    /// Waits for the next probe of this watch. Cancel safe.
    pub(super) async fn next_state(&mut self) -> HealthState {
        loop {
            if let Some(probe) = &mut self.pending {
                let state = probe.await;
                self.pending = None;
                return state;
            }
            sleep_until(self.due_at).await;
            let (is_claimed, due_at) = self.claims.claim(self.target.name(), Instant::now());
            self.due_at = due_at;
            if is_claimed {
                self.start();
            }
        }
    }
}
