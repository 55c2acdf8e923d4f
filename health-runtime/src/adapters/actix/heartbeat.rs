//! The heartbeat of one worker: a task on the worker's own runtime that records its progress.

use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::core::probe::Core;
use crate::core::registry::worker_watch::Turn;

/// Registers the worker and records its heartbeats until it is dropped.
pub(super) struct Heartbeat {
    _registration: Arc<Turn>,
    task: JoinHandle<()>,
}

impl Heartbeat {
    /// Spawns the task on the runtime of this thread. Returns `None` if workers are not watched.
    pub(super) fn spawn(core: &Arc<Core>) -> Option<Self> {
        let workers = core.engine.workers()?;
        let local_runtime = Handle::try_current().ok()?;
        let registration = workers.admit(thread::current().id(), Instant::now());
        let task = local_runtime.spawn(run(Arc::downgrade(&registration), Arc::downgrade(core), workers.interval()));
        Some(Self { _registration: registration, task })
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Keeps neither the registration nor the `Health` alive.
async fn run(registration: Weak<Turn>, core: Weak<Core>, interval: Duration) {
    while beat_once(&registration, &core).is_some() {
        sleep(interval).await;
    }
}

fn beat_once(registration: &Weak<Turn>, core: &Weak<Core>) -> Option<()> {
    let (registration, core) = (registration.upgrade()?, core.upgrade()?);
    let now = Instant::now();
    let was_late = core.engine.workers()?.is_late(&registration, now);
    // First publishes the late heartbeat: if no probe read the status meanwhile, nothing else would.
    core.engine.notice_workers(now);
    registration.note(now);
    if was_late {
        core.engine.notice_workers(now);
    }
    Some(())
}
