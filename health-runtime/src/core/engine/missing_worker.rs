//! Warns about a worker watch that no worker registers with.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

use super::task;
use crate::core::events::notifier;
use crate::core::registry::worker_watch::WorkerWatch;

/// After the first read without a worker, waits for the limit of the watch. Logs a warning if there is still none.
pub(super) fn warn_later(watch: &Arc<WorkerWatch>) {
    let (Ok(runtime), Some(limit)) = (Handle::try_current(), watch.await_worker()) else { return };
    let watch = Arc::downgrade(watch);
    task::spawn(&runtime, async move {
        sleep(limit).await;
        if watch.upgrade().is_some_and(|watch| watch.lag(Instant::now()).is_none()) {
            notifier::log(move || {
                tracing::warn!(
                    ?limit,
                    "health check `workers` knows no server worker, so it is always healthy; mount `Health::service` in the \
                     application's `App`, or wrap it in `Health::middleware`"
                );
            });
        }
    });
}
