//! The heartbeat of one worker: its own loop notes that it turns, without being asked.

use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::core::probe::Core;
use crate::core::registry::worker_watch::Turn;

/// Beats until it is dropped. The worker counts as long.
pub(crate) struct Heartbeat {
    _turn: Arc<Turn>,
    task: JoinHandle<()>,
}

impl Heartbeat {
    /// Begins on the loop of this thread; `None` where nobody watches the workers.
    pub(crate) fn begin(core: &Arc<Core>) -> Option<Self> {
        let workers = core.engine.workers()?;
        let its_loop = Handle::try_current().ok()?;
        let turn = workers.admit(thread::current().id(), Instant::now());
        let task = its_loop.spawn(beat(Arc::downgrade(&turn), Arc::downgrade(core), workers.interval()));
        Some(Self { _turn: turn, task })
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// It keeps neither the worker nor the `Health`.
async fn beat(turn: Weak<Turn>, core: Weak<Core>, interval: Duration) {
    while turned(&turn, &core).is_some() {
        sleep(interval).await;
    }
}

fn turned(turn: &Weak<Turn>, core: &Weak<Core>) -> Option<()> {
    let (turn, core) = (turn.upgrade()?, core.upgrade()?);
    let now = Instant::now();
    let was_late = core.engine.workers()?.is_late(&turn, now);
    // Before the turn is noted: up to now nobody may have looked.
    core.engine.notice_workers(now);
    turn.note(now);
    if was_late {
        core.engine.notice_workers(now);
    }
    Some(())
}
