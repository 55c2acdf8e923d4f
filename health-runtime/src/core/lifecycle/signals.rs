//! SIGTERM and SIGINT, turned into a drain and a stop.

use std::io;
use std::process;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Weak, mpsc};
use std::thread;

use tokio::runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::sleep_until;

use super::Lifecycle;

/// What the signals so far ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Running,
    /// Not ready any more; traffic is served until the load balancers have seen it.
    Draining,
    /// Stop gracefully now.
    Stopping,
    /// Exit at once, with this code.
    Exiting(i32),
}

/// The handlers of both signals. There is no way to take them down: the system's own answer to a signal, which is to end
/// the process, does not come back when they are dropped.
struct Handlers {
    terminate: Signal,
    interrupt: Signal,
}

impl Handlers {
    fn new() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn signal(&mut self) -> SignalKind {
        tokio::select! {
            Some(()) = self.terminate.recv() => SignalKind::terminate(),
            Some(()) = self.interrupt.recv() => SignalKind::interrupt(),
            else => std::future::pending().await,
        }
    }
}

/// How many of this process listen.
static LISTENING: AtomicUsize = AtomicUsize::new(0);

/// The stage after the `count`th signal.
fn next(stage: Stage, count: u32, signal: SignalKind) -> Stage {
    match (stage, count) {
        (_, 3..) => Stage::Exiting(128 + signal.as_raw_value()),
        (Stage::Running, _) if signal == SignalKind::terminate() => Stage::Draining,
        _ => Stage::Stopping,
    }
}

/// Ends when the server is to stop. The handlers stand when this returns, not only when the future is polled.
pub(crate) fn shutdown(lifecycle: &Arc<Lifecycle>) -> impl Future<Output = ()> + Send + 'static + use<> {
    let stage = lifecycle.stage.get_or_init(|| listen(lifecycle)).clone();
    let lifecycle = Arc::clone(lifecycle);
    async move { stop(stage, &lifecycle).await }
}

async fn stop(mut stage: watch::Receiver<Stage>, lifecycle: &Lifecycle) {
    if stage.wait_for(|stage| *stage > Stage::Running).await.is_err() {
        // No handler could be set up, so a signal ends the process without asking us.
        return std::future::pending().await;
    }
    tokio::select! {
        () = sleep_until(lifecycle.drained_at()) => {}
        _ = stage.wait_for(|stage| *stage >= Stage::Stopping) => {}
    }
}

/// Listens on a thread and a runtime of its own, so that a check which blocks the application's cannot keep a signal
/// from being heard.
fn listen(lifecycle: &Arc<Lifecycle>) -> watch::Receiver<Stage> {
    let (stages, stage) = watch::channel(Stage::Running);
    let (ready, is_ready) = mpsc::sync_channel(1);
    let lifecycle = Arc::downgrade(lifecycle);
    let started = thread::Builder::new().name("health:signals".to_owned()).spawn(move || {
        let runtime = runtime::Builder::new_current_thread().enable_io().build();
        let handlers = runtime.and_then(|runtime| {
            let _runtime = runtime.enter();
            let handlers = Handlers::new()?;
            Ok((runtime, handlers))
        });
        match handlers {
            Ok((runtime, mut handlers)) => {
                LISTENING.fetch_add(1, Ordering::SeqCst);
                let _ = ready.send(Ok(()));
                runtime.block_on(async {
                    follow(&mut handlers, &stages, &lifecycle).await;
                    LISTENING.fetch_sub(1, Ordering::SeqCst);
                    stand_in(&mut handlers).await;
                });
            }
            Err(error) => drop(ready.send(Err(error))),
        }
    });
    let ready = started.and_then(|_thread| is_ready.recv().unwrap_or_else(|gone| Err(io::Error::other(gone))));
    if let Err(error) = ready {
        tracing::error!(%error, "health cannot listen to SIGTERM and SIGINT; they end the process without a drain");
    }
    stage
}

/// Ends when nobody waits for a signal any more before one has come.
async fn follow(handlers: &mut Handlers, stages: &watch::Sender<Stage>, lifecycle: &Weak<Lifecycle>) {
    let mut count = 0;
    loop {
        // Once a signal has come, the process is going, and the third must be heard whoever still listens.
        let unheard = async {
            stages.closed().await;
            if *stages.borrow() > Stage::Running {
                std::future::pending::<()>().await;
            }
        };
        let signal = tokio::select! {
            signal = handlers.signal() => signal,
            () = unheard => return,
        };
        count += 1;
        let stage = next(*stages.borrow(), count, signal);
        if let Stage::Exiting(code) = stage {
            process::exit(code);
        }
        if let Some(lifecycle) = lifecycle.upgrade() {
            lifecycle.drain();
        }
        tracing::info!(signal = signal.as_raw_value(), ?stage, "health: shutting down");
        stages.send_replace(stage);
    }
}

/// Ends the process on a signal that nobody in it waits for, because the handlers keep the system from doing so. One
/// thread of a process is enough for that.
async fn stand_in(handlers: &mut Handlers) {
    static STANDS_IN: AtomicBool = AtomicBool::new(false);
    if STANDS_IN.swap(true, Ordering::SeqCst) {
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
    fn l2_signals_lead_from_stage_to_stage() {
        for (signals, stages) in [
            (vec![TERM, TERM, TERM], vec![Stage::Draining, Stage::Stopping, Stage::Exiting(128 + 15)]),
            (vec![TERM, INT, INT], vec![Stage::Draining, Stage::Stopping, Stage::Exiting(128 + 2)]),
            (vec![INT, TERM, TERM], vec![Stage::Stopping, Stage::Stopping, Stage::Exiting(128 + 15)]),
        ] {
            let mut stage = Stage::Running;
            let reached: Vec<_> = (1..)
                .zip(signals)
                .map(|(count, signal)| {
                    stage = next(stage, count, signal);
                    stage
                })
                .collect();
            assert_eq!(reached, stages);
        }
    }

    /// How long the server serves after a first signal, and a second one so much later.
    async fn served(first: Stage, second_after: Option<Duration>) -> Duration {
        let lifecycle = Lifecycle::new(true, Duration::from_secs(5), Weak::new());
        let (stages, stage) = watch::channel(Stage::Running);
        let signals = async {
            sleep(Duration::from_secs(60)).await;
            lifecycle.drain();
            stages.send_replace(first);
            if let Some(after) = second_after {
                sleep(after).await;
                stages.send_replace(Stage::Stopping);
            }
            std::future::pending::<()>().await;
        };
        let began = Instant::now();
        tokio::select! {
            () = stop(stage, &lifecycle) => {}
            () = signals => {}
        }
        assert!(lifecycle.phase().draining);
        began.elapsed().saturating_sub(Duration::from_secs(60))
    }

    #[tokio::test(start_paused = true)]
    async fn l2_a_second_signal_ends_the_delay_and_sigint_skips_it() {
        assert_eq!(served(Stage::Draining, None).await, Duration::from_secs(5));
        assert_eq!(served(Stage::Draining, Some(Duration::from_secs(2))).await, Duration::from_secs(2));
        assert_eq!(served(Stage::Stopping, None).await, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn the_delay_counts_from_the_beginning_of_the_drain() {
        let lifecycle = Lifecycle::new(true, Duration::from_secs(5), Weak::new());
        let (stages, stage) = watch::channel(Stage::Running);
        lifecycle.drain();
        sleep(Duration::from_secs(3)).await;
        stages.send_replace(Stage::Draining);
        let began = Instant::now();
        stop(stage, &lifecycle).await;
        assert_eq!(began.elapsed(), Duration::from_secs(2));
    }

    #[tokio::test(start_paused = true)]
    async fn without_handlers_it_waits_for_ever() {
        let lifecycle = Lifecycle::new(true, Duration::from_secs(5), Weak::new());
        let (_, stage) = watch::channel(Stage::Running);
        let waited = tokio::time::timeout(Duration::from_secs(3600), stop(stage, &lifecycle)).await;
        assert!(waited.is_err());
    }
}
