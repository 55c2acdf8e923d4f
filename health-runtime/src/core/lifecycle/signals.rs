//! SIGTERM and SIGINT start the drain and end it.
//!
//! A thread with its own runtime waits for signals, so that a check that blocks the application's runtime delays none. It publishes
//! the stage through a `watch` channel, which the future of [`shutdown`] reads. It changes the phase and the stage, or exits,
//! before it calls code of the application, such as the log, which may hang or panic.

use std::fmt;
use std::io;
use std::process;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Weak, mpsc};
use std::thread;

use tokio::runtime;
use tokio::sync::watch;
use tokio::time::sleep_until;

use super::Lifecycle;
use super::signal_source::{SignalHandlers, SignalKind};
use crate::core::events::contain::contain_panic;
use crate::core::events::notifier;

/// The stage that the signals so far request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ShutdownStage {
    Running,
    /// Not ready. Traffic is served through the drain delay.
    Draining,
    /// The server stops gracefully.
    Stopping,
    /// The process exits at once, with this code.
    Exiting(i32),
}

impl fmt::Display for ShutdownStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running => "running",
            Self::Draining => "draining",
            Self::Stopping => "stopping",
            Self::Exiting(_) => "exiting",
        })
    }
}

/// How many threads of this process handle signals.
static LISTENING: AtomicUsize = AtomicUsize::new(0);

/// Returns the stage after the signal with this number.
fn next_stage(stage: ShutdownStage, count: u32, signal: SignalKind) -> ShutdownStage {
    match (stage, count) {
        (_, 3..) => ShutdownStage::Exiting(128 + signal.as_raw_value()),
        (ShutdownStage::Running, _) if signal == SignalKind::terminate() => ShutdownStage::Draining,
        _ => ShutdownStage::Stopping,
    }
}

/// Installs the signal handlers, and returns a future that ends when the server should stop.
pub(crate) fn shutdown(lifecycle: &Arc<Lifecycle>) -> impl Future<Output = ()> + Send + 'static + use<> {
    let stage = lifecycle.stage.get_or_init(|| spawn_signal_thread(lifecycle)).clone();
    let lifecycle = Arc::clone(lifecycle);
    async move { wait_for_stop(stage, &lifecycle).await }
}

async fn wait_for_stop(mut stage: watch::Receiver<ShutdownStage>, lifecycle: &Lifecycle) {
    if stage.wait_for(|stage| *stage > ShutdownStage::Running).await.is_err() {
        // The handlers could not be installed, so a signal ends the process by default.
        return std::future::pending().await;
    }
    tokio::select! {
        () = sleep_until(lifecycle.drain_ends_at()) => {}
        _ = stage.wait_for(|stage| *stage >= ShutdownStage::Stopping) => {}
    }
}

/// Waits until a signal ends the drain before its delay has passed.
#[cfg(feature = "grpc")]
pub(super) async fn wait_for_stop_signal(stage: Option<watch::Receiver<ShutdownStage>>) {
    if let Some(mut stage) = stage
        && stage.wait_for(|stage| *stage >= ShutdownStage::Stopping).await.is_ok()
    {
        return;
    }
    std::future::pending::<()>().await;
}

/// Starts the signal thread, and returns once its handlers are installed.
fn spawn_signal_thread(lifecycle: &Arc<Lifecycle>) -> watch::Receiver<ShutdownStage> {
    let (stages, stage) = watch::channel(ShutdownStage::Running);
    let (ready, is_ready) = mpsc::sync_channel(1);
    let lifecycle = Arc::downgrade(lifecycle);
    let started = thread::Builder::new().name("health:signals".to_owned()).spawn(move || {
        let runtime = runtime::Builder::new_current_thread().enable_io().build();
        let handlers = runtime.and_then(|runtime| {
            let _runtime = runtime.enter();
            let handlers = SignalHandlers::new()?;
            Ok((runtime, handlers))
        });
        match handlers {
            Ok((runtime, mut handlers)) => {
                LISTENING.fetch_add(1, Ordering::SeqCst);
                let _ = ready.send(Ok(()));
                runtime.block_on(async {
                    handle_signals(&mut handlers, &stages, &lifecycle).await;
                    LISTENING.fetch_sub(1, Ordering::SeqCst);
                    exit_on_signal(&mut handlers).await;
                });
            }
            Err(error) => drop(ready.send(Err(error))),
        }
    });
    let ready = started.and_then(|_thread| is_ready.recv().unwrap_or_else(|gone| Err(io::Error::other(gone))));
    if let Err(error) = ready {
        notifier::log(move || {
            tracing::error!(%error, "cannot install handlers for SIGTERM and SIGINT; they end the process without a drain");
        });
    }
    stage
}

/// Handles signals. Ends when every receiver of the stage is dropped before the first signal.
async fn handle_signals(handlers: &mut SignalHandlers, stages: &watch::Sender<ShutdownStage>, lifecycle: &Weak<Lifecycle>) {
    let mut count = 0;
    loop {
        // After the first signal the process stops, and the third one must exit even without receivers.
        let receivers_dropped = async {
            stages.closed().await;
            if *stages.borrow() > ShutdownStage::Running {
                std::future::pending::<()>().await;
            }
        };
        let signal = tokio::select! {
            signal = handlers.signal() => signal,
            () = receivers_dropped => return,
        };
        count += 1;
        let stage = next_stage(*stages.borrow(), count, signal);
        if let ShutdownStage::Exiting(code) = stage {
            process::exit(code);
        }
        let lifecycle = lifecycle.upgrade();
        if let Some(lifecycle) = &lifecycle {
            lifecycle.start_drain();
        }
        contain_panic(|| stages.send_replace(stage));
        if let Some(lifecycle) = &lifecycle {
            lifecycle.publish_drain();
        }
        let signal = signal.as_raw_value();
        notifier::enqueue_log(move || tracing::info!(signal, %stage, "shutting down"));
    }
}

/// Ends the process on a signal when no thread handles signals, because the installed handlers disable the default action. One
/// thread per process does this.
async fn exit_on_signal(handlers: &mut SignalHandlers) {
    static EXITS_ON_SIGNAL: AtomicBool = AtomicBool::new(false);
    if EXITS_ON_SIGNAL.swap(true, Ordering::SeqCst) {
        return;
    }
    loop {
        let signal = handlers.signal().await;
        if LISTENING.load(Ordering::SeqCst) == 0 {
            process::exit(128 + signal.as_raw_value());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{Instant, sleep};

    use super::*;

    const TERM: SignalKind = SignalKind::terminate();
    const INT: SignalKind = SignalKind::interrupt();

    #[test]
    fn l2_each_signal_advances_the_stage() {
        for (signals, stages) in [
            (vec![TERM, TERM, TERM], vec![ShutdownStage::Draining, ShutdownStage::Stopping, ShutdownStage::Exiting(128 + 15)]),
            (vec![TERM, INT, INT], vec![ShutdownStage::Draining, ShutdownStage::Stopping, ShutdownStage::Exiting(128 + 2)]),
            (vec![INT, TERM, TERM], vec![ShutdownStage::Stopping, ShutdownStage::Stopping, ShutdownStage::Exiting(128 + 15)]),
        ] {
            let mut stage = ShutdownStage::Running;
            let reached: Vec<_> = (1..)
                .zip(signals)
                .map(|(count, signal)| {
                    stage = next_stage(stage, count, signal);
                    stage
                })
                .collect();
            assert_eq!(reached, stages);
        }
    }

    /// Returns how long the server serves after a first signal, and a second one after this delay.
    async fn serving_time(first: ShutdownStage, second_after: Option<Duration>) -> Duration {
        let lifecycle = Lifecycle::new(true, Duration::from_secs(5), None);
        let (stages, stage) = watch::channel(ShutdownStage::Running);
        let signals = async {
            sleep(Duration::from_secs(60)).await;
            lifecycle.drain();
            stages.send_replace(first);
            if let Some(after) = second_after {
                sleep(after).await;
                stages.send_replace(ShutdownStage::Stopping);
            }
            std::future::pending::<()>().await;
        };
        let began = Instant::now();
        tokio::select! {
            () = wait_for_stop(stage, &lifecycle) => {}
            () = signals => {}
        }
        assert!(lifecycle.is_draining());
        began.elapsed().saturating_sub(Duration::from_secs(60))
    }

    #[tokio::test(start_paused = true)]
    async fn l2_a_second_signal_ends_the_delay_and_sigint_skips_it() {
        assert_eq!(serving_time(ShutdownStage::Draining, None).await, Duration::from_secs(5));
        assert_eq!(serving_time(ShutdownStage::Draining, Some(Duration::from_secs(2))).await, Duration::from_secs(2));
        assert_eq!(serving_time(ShutdownStage::Stopping, None).await, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn the_drain_delay_starts_with_the_drain() {
        let lifecycle = Lifecycle::new(true, Duration::from_secs(5), None);
        let (stages, stage) = watch::channel(ShutdownStage::Running);
        lifecycle.drain();
        sleep(Duration::from_secs(3)).await;
        stages.send_replace(ShutdownStage::Draining);
        let began = Instant::now();
        wait_for_stop(stage, &lifecycle).await;
        assert_eq!(began.elapsed(), Duration::from_secs(2));
    }

    #[tokio::test(start_paused = true)]
    async fn without_handlers_the_future_never_ends() {
        let lifecycle = Lifecycle::new(true, Duration::from_secs(5), None);
        let (_, stage) = watch::channel(ShutdownStage::Running);
        let waited = tokio::time::timeout(Duration::from_secs(3600), wait_for_stop(stage, &lifecycle)).await;
        assert!(waited.is_err());
    }
}
