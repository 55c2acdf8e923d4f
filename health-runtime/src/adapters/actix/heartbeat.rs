//! The heartbeat of one worker: a task on the worker's own runtime that records its progress.

use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::core::engine::task;
use crate::core::health_inner::HealthInner;
use crate::core::registry::worker_watch::WorkerHeartbeat;

/// Registers the worker and records its heartbeats until it is dropped.
pub(super) struct Heartbeat {
    _registration: Arc<WorkerHeartbeat>,
    task: JoinHandle<()>,
}

impl Heartbeat {
    /// Spawns the task on the runtime of this thread. Returns `None` if workers are not watched.
    pub(super) fn spawn(inner: &Arc<HealthInner>) -> Option<Self> {
        let workers = inner.engine.worker_watch()?;
        let local_runtime = Handle::try_current().ok()?;
        let registration = workers.register(thread::current().id(), Instant::now());
        let task =
            task::spawn(&local_runtime, run(Arc::downgrade(&registration), Arc::downgrade(inner), workers.heartbeat_interval()));
        Some(Self { _registration: registration, task })
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Keeps neither the registration nor the `Health` alive.
async fn run(registration: Weak<WorkerHeartbeat>, inner: Weak<HealthInner>, interval: Duration) {
    while beat_once(&registration, &inner).is_some() {
        sleep(interval).await;
    }
}

fn beat_once(registration: &Weak<WorkerHeartbeat>, inner: &Weak<HealthInner>) -> Option<()> {
    let (registration, inner) = (registration.upgrade()?, inner.upgrade()?);
    let now = Instant::now();
    let was_late = inner.engine.worker_watch()?.is_late(&registration, now);
    // First publishes the late heartbeat: if no probe read the status meanwhile, nothing else would.
    inner.engine.publish_worker_status(now);
    registration.beat(now);
    if was_late {
        inner.engine.publish_worker_status(now);
    }
    Some(())
}
