//! Tasks under one heartbeat, which stall, wait, end, panic, are aborted or finish, and are restarted.

use std::sync::Arc;
use std::time::Duration;

use health_runtime::{Check, Health, Heartbeat, ReporterError};
use tokio::task::{spawn, spawn_local};
use tokio::time::sleep;

use crate::faults::{Fault, Faults, ON_PURPOSE};

const CHECK: &str = "consumers";

const LIMIT: Duration = Duration::from_millis(100);

/// The time between two beats of a task, and between its end and its restart.
const PAUSE: Duration = Duration::from_millis(20);

/// The names of the tasks in [`Faults`].
const TASKS: [&str; 4] = ["consumer-0", "consumer-1", "consumer-2", "consumer-3"];

pub(crate) fn check() -> Check {
    Check::heartbeat(CHECK, LIMIT)
}

/// Starts all tasks, each with a supervisor.
pub(crate) fn start(health: &Health, faults: &Arc<Faults>) -> Result<(), ReporterError> {
    for task in TASKS {
        let heartbeat = health.heartbeat(CHECK)?;
        spawn_local(supervise(health.clone(), heartbeat, Arc::clone(faults), task));
    }
    Ok(())
}

/// Restarts a task forever.
async fn supervise(health: Health, mut heartbeat: Heartbeat, faults: Arc<Faults>, task: &'static str) {
    loop {
        let messages = Arc::clone(&faults);
        let mut consumer = spawn(heartbeat.watch(async move |heartbeat| consume(heartbeat, &messages, task).await));
        tokio::select! {
            _ended = &mut consumer => {}
            () = faults.wait_for(Fault::Blocks, task) => consumer.abort(),
        }
        sleep(PAUSE).await;
        let Ok(next) = health.heartbeat(CHECK) else { return };
        heartbeat = next;
    }
}

async fn consume(heartbeat: Heartbeat, faults: &Faults, task: &str) {
    loop {
        match faults.fault_of(task) {
            Some(Fault::Fails) => return,
            Some(Fault::Panics) => panic!("{ON_PURPOSE}"),
            Some(Fault::Degrades) => return heartbeat.finish(),
            Some(Fault::IsSlow) => heartbeat.idle(sleep(LIMIT * 2)).await,
            Some(Fault::Hangs | Fault::Blocks) => sleep(PAUSE).await,
            None => {
                heartbeat.beat();
                sleep(PAUSE).await;
            }
        }
    }
}
