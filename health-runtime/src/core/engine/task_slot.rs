//! The task of the run in flight, so that it can be aborted.
//!
//! A slot that was stopped aborts each task that is put into it: a schedule may spawn a run while the last `Health` is dropped. A
//! run that has ended leaves no handle behind, because a handle keeps the memory of its task.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::task::JoinHandle;

#[derive(Default)]
pub(super) struct TaskSlot(Mutex<Slot>);

#[derive(Default)]
struct Slot {
    task: Option<JoinHandle<()>>,
    /// The number of the last run that ended.
    ended: u64,
    stopped: bool,
}

impl TaskSlot {
    /// Keeps the task of a run until [`clear`](Self::clear) is called for it. Aborts it at once in a stopped slot.
    pub(super) fn set(&self, run: u64, task: JoinHandle<()>) {
        let mut slot = self.lock();
        if slot.stopped {
            drop(slot);
            task.abort();
        } else if slot.ended < run {
            slot.task = Some(task);
        }
    }

    /// Forgets the task of this run, which has ended.
    pub(super) fn clear(&self, run: u64) {
        let mut slot = self.lock();
        slot.ended = run;
        slot.task = None;
    }

    /// Aborts the current task and each one that follows.
    pub(super) fn stop(&self) {
        let mut slot = self.lock();
        slot.stopped = true;
        let task = slot.task.take();
        drop(slot);
        if let Some(task) = task {
            task.abort();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Slot> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::sync::oneshot;

    use super::*;

    /// A task that ends only when it is aborted. The receiver fails then.
    fn endless() -> (JoinHandle<()>, oneshot::Receiver<()>) {
        let (sender, aborted) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let _sender = sender;
            pending::<()>().await;
        });
        (task, aborted)
    }

    #[tokio::test]
    async fn a_stopped_slot_aborts_the_task_that_is_put_into_it() {
        let slot = TaskSlot::default();
        let (first, aborted) = endless();
        slot.set(1, first);
        slot.stop();
        assert!(aborted.await.is_err());
        let (second, aborted) = endless();
        slot.set(2, second);
        assert!(aborted.await.is_err());
    }

    #[tokio::test]
    async fn the_handle_of_a_run_that_ended_is_dropped() {
        let slot = TaskSlot::default();
        slot.set(1, endless().0);
        slot.clear(1);
        assert!(slot.lock().task.is_none());
        slot.set(1, endless().0);
        assert!(slot.lock().task.is_none(), "the run ended before its handle was stored");
        slot.set(2, endless().0);
        assert!(slot.lock().task.is_some());
        slot.stop();
    }
}
