//! The heartbeat of a task of the application, and the task that publishes its stalls.

use std::fmt;
use std::sync::Arc;
use std::thread;

use tokio::time::{Instant, sleep_until};

use super::Engine;
use super::check_runner::CheckRunner;
use crate::core::events::notifier;
use crate::core::model::name;
use crate::core::model::verdict::HeartbeatReading;
use crate::core::registry::StatusSource;
use crate::core::registry::heartbeat_watch::{BeatTime, HeartbeatWatch, TaskEnd, TaskHeartbeat};

/// Records the progress of a task, for a check created with [`Check::heartbeat`](crate::Check::heartbeat). Returned by
/// [`Health::heartbeat`](crate::Health::heartbeat).
///
/// The check is down with `no progress for 42s` when the last beat is older than the limit of the check, with `ended` when the task
/// returned, was cancelled or dropped its heartbeat, and with `panicked`. Waiting for work inside [`idle`](Self::idle) is progress.
/// A task that was restarted registers again, and replaces the oldest registration that ended.
///
/// Several tasks may register under one name, such as the workers of a pool. The worst of them counts: `1 of 4 tasks: ended`.
/// Clones are one registration. What ends or stalls after the drain began is up, as tasks stop then.
///
/// A beat reads the clock once, takes no lock and allocates nothing, so it can follow every message. A stall is published to
/// subscribers, the log and metrics at the limit, without a probe too, as long as the runtime of the checks makes progress.
///
/// ```
/// use std::time::Duration;
/// use health_runtime::{Check, Health, HealthState, Kind};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (orders, mut queue) = tokio::sync::mpsc::channel::<u32>(8);
/// let check = Check::heartbeat("consumer", Duration::from_secs(30));
/// let health = Health::builder().check(check).start()?;
/// let consumer = health.heartbeat("consumer")?.watch(|heartbeat| async move {
///     while let Some(order) = heartbeat.idle(queue.recv()).await {
///         println!("order {order}");
///     }
/// });
/// let consumer = tokio::spawn(consumer);
/// assert_eq!(health.report(Kind::Liveness).await.state(), HealthState::Healthy);
///
/// drop(orders); // the loop ends, and nothing consumes any more
/// consumer.await?;
/// assert_eq!(health.report(Kind::Liveness).await.check("consumer").unwrap().error(), Some("ended"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "dropping the heartbeat ends its registration, and the check is down; keep it as long as the task runs"]
pub struct Heartbeat {
    task: Arc<RegisteredTask>,
}

/// What the clones of a heartbeat share. Dropping it ends the registration.
struct RegisteredTask {
    runner: Arc<CheckRunner>,
    watch: Arc<HeartbeatWatch>,
    heartbeat: Arc<TaskHeartbeat>,
}

impl Heartbeat {
    /// Records progress.
    pub fn beat(&self) {
        self.task.record(TaskHeartbeat::beat);
    }

    /// Waits for work, which is not a stall: the task is up for as long as one of its clones waits. The end of the wait is a beat,
    /// also where the future is dropped.
    ///
    /// Inside it belongs what may rightly take any time, such as the next message, or a connection to a broker that is away. Work
    /// on a message does not.
    pub async fn idle<F: Future>(&self, waiting: F) -> F::Output {
        let _wait = Wait::start(&self.task);
        waiting.await
    }

    /// Runs a task until it ends, which ends the registration: with `panicked` if it panics, else with `ended`, also where the
    /// returned future is dropped or its spawned task is aborted.
    ///
    /// `task` gets a clone of the heartbeat. A task that is done calls [`finish`](Self::finish) before it returns.
    pub async fn watch<F: Future>(self, task: impl FnOnce(Heartbeat) -> F) -> F::Output {
        let end = EndOnDrop(&self.task);
        let output = task(self.clone()).await;
        drop(end);
        output
    }

    /// Ends the registration as planned: the task no longer counts. Other clones, and [`watch`](Self::watch), have no effect from
    /// now on.
    pub fn finish(self) {
        let RegisteredTask { runner, watch, heartbeat } = &*self.task;
        // While draining the registration stays and counts as up; without any, the check would be unknown.
        if heartbeat.end(TaskEnd::Planned) {
            if runner.publisher.drain_started_at().is_none() {
                watch.remove(heartbeat);
            }
            self.task.publish();
        }
    }
}

impl fmt::Debug for Heartbeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heartbeat").field("check", &self.task.runner.check.name).finish_non_exhaustive()
    }
}

impl RegisteredTask {
    /// Records progress at this moment. If it comes late, it publishes the stall first, for the case that nothing else noticed it,
    /// and then the recovery.
    fn record(&self, record: impl FnOnce(&TaskHeartbeat, BeatTime)) {
        let at = self.heartbeat.time(Instant::now());
        let is_late = self.watch.is_late(&self.heartbeat, at);
        if is_late {
            self.publish();
        }
        record(&self.heartbeat, at);
        if is_late {
            self.publish();
        }
    }

    fn end(&self) {
        let end = match () {
            () if self.runner.publisher.drain_started_at().is_some() => TaskEnd::Planned,
            () if thread::panicking() => TaskEnd::Panicked,
            () => TaskEnd::Ended,
        };
        if self.heartbeat.end(end) {
            self.publish();
        }
    }

    fn publish(&self) {
        self.runner.publish(Instant::now(), None);
        notifier::flush();
    }
}

impl Drop for RegisteredTask {
    fn drop(&mut self) {
        self.end();
    }
}

/// Ends the registration when the future of a task is dropped, whatever clones of the heartbeat remain.
struct EndOnDrop<'t>(&'t RegisteredTask);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// One wait for work.
struct Wait<'t>(&'t TaskHeartbeat);

impl<'t> Wait<'t> {
    fn start(task: &'t RegisteredTask) -> Self {
        task.record(|heartbeat, _| heartbeat.start_waiting());
        Self(&task.heartbeat)
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.0.end_waiting(Instant::now());
    }
}

impl Engine {
    /// Registers a task with the heartbeat check of this name, ignoring ASCII case.
    pub(crate) fn heartbeat(&self, name: &str) -> Option<Heartbeat> {
        self.runners.iter().find_map(|runner| match &runner.check.source {
            StatusSource::Heartbeat(watch) if name::same_name(&runner.check.name, name) => {
                let (runner, watch) = (Arc::clone(runner), Arc::clone(watch));
                let heartbeat = watch.register(Instant::now());
                let task = RegisteredTask { runner, watch, heartbeat };
                task.publish();
                Some(Heartbeat { task: Arc::new(task) })
            }
            _ => None,
        })
    }
}

impl CheckRunner {
    pub(super) fn read_heartbeats(&self, watch: &HeartbeatWatch, now: Instant) -> HeartbeatReading {
        watch.read(now, self.publisher.drain_started_at())
    }
}

/// Publishes each stall at its limit until the task is aborted. Logs a warning if no task registers within the limit.
pub(super) async fn publish_stalls(runner: Arc<CheckRunner>, watch: Arc<HeartbeatWatch>) {
    let mut next = Instant::now() + watch.limit();
    sleep_until(next).await;
    if !watch.is_used() {
        let (check, limit) = (Arc::clone(&runner.check.name), watch.limit());
        notifier::log(move || {
            tracing::warn!(
                ?limit,
                "health check `{check}` knows no task, so it is always healthy; call `Health::heartbeat(\"{check}\")` in the task"
            );
        });
    }
    loop {
        let now = Instant::now();
        runner.observe_and_publish(now, now);
        next = match runner.read_heartbeats(&watch, now) {
            HeartbeatReading::Up { stalls_at } => stalls_at,
            // The next beat publishes the recovery, and a registration or an end publishes itself.
            HeartbeatReading::Unregistered | HeartbeatReading::Down { .. } => now + watch.limit(),
        };
        sleep_until(next).await;
    }
}
