//! The heartbeat of the runtime of the checks.

use std::sync::Arc;

use tokio::time::{Instant, sleep};

use super::check_runner::CheckRunner;
use crate::core::registry::runtime_watch::RuntimeWatch;

/// Records the progress of the runtime that runs this, until the task is aborted.
pub(super) async fn run(runner: Arc<CheckRunner>, watch: Arc<RuntimeWatch>) {
    loop {
        let now = Instant::now();
        let was_late = watch.is_late(now);
        // First publishes the late heartbeat: if no probe read the status meanwhile, nothing else would.
        if was_late {
            drop(runner.observe_and_publish(now, now));
        }
        watch.beat(now);
        if was_late {
            drop(runner.observe_and_publish(now, now));
        }
        sleep(watch.heartbeat_interval()).await;
    }
}
