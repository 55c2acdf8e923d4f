//! The heartbeat of one worker: its own loop notes that it turns, without being asked.

use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::core::health_inner::HealthInner;
use crate::core::registry::worker_watch::WorkerHeartbeat;

/// Beats until it is dropped. The worker counts as long.
pub(crate) struct Heartbeat {
    _turn: Arc<WorkerHeartbeat>,
    task: JoinHandle<()>,
}

impl Heartbeat {
    /// Begins on the loop of this thread; `None` where nobody watches the workers.
    pub(crate) fn begin(inner: &Arc<HealthInner>) -> Option<Self> {
        let workers = inner.engine.worker_watch()?;
        let its_loop = Handle::try_current().ok()?;
        let turn = workers.register(thread::current().id(), Instant::now());
        let task = its_loop.spawn(beat(Arc::downgrade(&turn), Arc::downgrade(inner), workers.heartbeat_interval()));
        Some(Self { _turn: turn, task })
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// It keeps neither the worker nor the `Health`.
async fn beat(turn: Weak<WorkerHeartbeat>, inner: Weak<HealthInner>, interval: Duration) {
    while turned(&turn, &inner).is_some() {
        sleep(interval).await;
    }
}

fn turned(turn: &Weak<WorkerHeartbeat>, inner: &Weak<HealthInner>) -> Option<()> {
    let (turn, inner) = (turn.upgrade()?, inner.upgrade()?);
    let now = Instant::now();
    let was_late = inner.engine.worker_watch()?.is_late(&turn, now);
    // Before the turn is noted: up to now nobody may have looked.
    inner.engine.publish_worker_status(now);
    turn.beat(now);
    if was_late {
        inner.engine.publish_worker_status(now);
    }
    Some(())
}
