//! One replica of the service: a process with the real engine, which probers probe and the kubelet restarts.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use health_runtime::{Health, HealthState, Kind};
use tokio::time::timeout;

use super::dependency::Link;

/// The queries of a process that starts: the connections of its pool, and what it reads once.
const WARM_UP_QUERIES: f64 = 20.0;

/// The answer to one probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// 200.
    Good,
    /// 503.
    Bad,
    /// No process listens, or the prober's timeout passed.
    Missing,
}

pub(crate) struct Replica {
    pub(crate) link: Link,
    health: Mutex<Option<Health>>,
    is_running: AtomicBool,
    starts: AtomicU32,
}

impl Replica {
    pub(crate) fn new(link: Link) -> Self {
        Self { link, health: Mutex::default(), is_running: AtomicBool::new(false), starts: AtomicU32::new(0) }
    }

    /// Starts the process.
    pub(crate) fn start(&self, health: Health) {
        self.link.warm_up(WARM_UP_QUERIES);
        *self.lock() = Some(health);
        self.is_running.store(true, Ordering::Relaxed);
        self.starts.fetch_add(1, Ordering::Relaxed);
    }

    /// Kills the process.
    pub(crate) fn stop(&self) {
        self.is_running.store(false, Ordering::Relaxed);
        let health = self.lock().take();
        drop(health);
    }

    pub(crate) fn is_running(&self) -> bool {
        self.is_running.load(Ordering::Relaxed)
    }

    /// Returns how often the process was started again.
    pub(crate) fn restarts(&self) -> u32 {
        self.starts.load(Ordering::Relaxed).saturating_sub(1)
    }

    /// Returns the engine of the running process.
    pub(crate) fn health(&self) -> Option<Health> {
        self.lock().clone()
    }

    /// Sends one probe.
    pub(crate) async fn probe(&self, kind: Kind, limit: Duration) -> Answer {
        let Some(health) = self.health() else { return Answer::Missing };
        match timeout(limit, health.report(kind)).await {
            Ok(report) if report.state() == HealthState::Unhealthy => Answer::Bad,
            Ok(_) => Answer::Good,
            Err(_elapsed) => Answer::Missing,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Health>> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
