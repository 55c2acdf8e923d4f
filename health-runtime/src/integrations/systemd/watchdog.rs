//! Sends `WATCHDOG=1` while the process is alive.

use std::sync::Weak;
use std::time::Duration;

use futures_util::future::join;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};

use super::socket::Socket;
use crate::core::events::notifier;
use crate::core::health_inner::{HealthInner, ProbeQuery};
use crate::core::model::policy::MAX_DURATION;
use crate::core::model::status::{HealthState, Kind, Scope};

/// The minimum interval between two messages, for a shorter `WatchdogSec`.
const MIN_INTERVAL: Duration = Duration::from_millis(1);

/// The interval between two checks of a process that is not alive.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// Pings the watchdog at half of `interval`, until the last `Health` is dropped.
pub(super) async fn run(inner: &Weak<HealthInner>, socket: &Socket, interval: Duration) {
    let half = (interval / 2).clamp(MIN_INTERVAL, MAX_DURATION);
    let mut next_at = Instant::now() + half;
    let mut was_alive = true;
    loop {
        sleep_until(next_at).await;
        let started_at = Instant::now();
        let Some(inner) = inner.upgrade() else { return };
        let mut runtime_ping = inner.engine.ping_runtime();
        let problem = liveness_problem(&inner, &mut runtime_ping).await;
        drop(inner);
        match problem {
            Some(problem) if was_alive => {
                notifier::log(move || tracing::warn!("not pinging the systemd watchdog: {problem}"));
            }
            None if !was_alive => notifier::log(|| tracing::info!("pinging the systemd watchdog again")),
            _ => {}
        }
        was_alive = problem.is_none();
        if was_alive && socket.send("WATCHDOG=1") {
            // Counted from the start of the check, so that its duration does not add to the interval.
            next_at = started_at + half;
        } else if runtime_ping.is_finished() {
            next_at = Instant::now() + RETRY_INTERVAL.min(half / 2);
        } else {
            // The check runtime is blocked. The next check follows as soon as it runs the ping.
            let _ = runtime_ping.await;
            next_at = Instant::now();
        }
    }
}

/// Evaluates liveness and waits for the ping of the check runtime, both until the deadline. The ping is needed because
/// liveness does not fail while the check runtime is blocked: a check that cannot run is unknown.
async fn liveness_problem(inner: &HealthInner, runtime_ping: &mut JoinHandle<()>) -> Option<&'static str> {
    let deadline = inner.engine.deadline();
    let liveness = ProbeQuery::from(Scope::Kind(Kind::Liveness));
    match join(inner.evaluate(&liveness), timeout(deadline, runtime_ping)).await {
        (_, Err(_elapsed)) => Some("check runtime is not responding"),
        (_, Ok(Err(_stopped))) => Some("check runtime has stopped"),
        (report, Ok(Ok(()))) => (report.state() == HealthState::Unhealthy).then_some("liveness is unhealthy"),
    }
}
