//! `WATCHDOG=1`, as long as the process lives.

use std::sync::Weak;
use std::time::Duration;

use futures_util::future::join;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};

use super::socket::Socket;
use crate::core::health_inner::{HealthInner, ProbeQuery};
use crate::core::model::status::{HealthState, Kind, Scope};

/// Between two messages. Whoever wants to hear less often hears as often as this.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// After a look at a process that does not live.
const NEXT_LOOK: Duration = Duration::from_secs(1);

/// Feeds it at half of `interval`, until the last `Health` is gone.
pub(super) async fn feed(inner: &Weak<HealthInner>, socket: &Socket, interval: Duration) {
    let half = (interval / 2).clamp(SHORTEST, LONGEST);
    let mut due = Instant::now() + half;
    let mut was_alive = true;
    loop {
        sleep_until(due).await;
        let began = Instant::now();
        let Some(inner) = inner.upgrade() else { return };
        let mut turn = inner.engine.ping_runtime();
        let wrong = what_is_wrong(&inner, &mut turn).await;
        drop(inner);
        match wrong {
            Some(wrong) if was_alive => tracing::warn!("health does not feed the watchdog of systemd: {wrong}"),
            None if !was_alive => tracing::info!("health feeds the watchdog of systemd again"),
            _ => {}
        }
        was_alive = wrong.is_none();
        if was_alive && socket.send("WATCHDOG=1") {
            // From the beginning of the look: what it takes must not add up.
            due = began + half;
        } else if turn.is_finished() {
            due = Instant::now() + NEXT_LOOK.min(half / 2);
        } else {
            // As soon as it turns, there is something to look at.
            let _ = turn.await;
            due = Instant::now();
        }
    }
}

/// Looks at liveness and waits for the `turn` of the checks' runtime, both until the deadline. A check that cannot run
/// is unknown, which fails no liveness; so the runtime has to show by itself that it turns.
async fn what_is_wrong(inner: &HealthInner, turn: &mut JoinHandle<()>) -> Option<&'static str> {
    let deadline = inner.engine.deadline();
    let liveness = ProbeQuery::from(Scope::Kind(Kind::Liveness));
    match join(inner.evaluate(&liveness), timeout(deadline, turn)).await {
        (_, Err(_elapsed)) => Some("the runtime of the checks does not turn"),
        (_, Ok(Err(_stopped))) => Some("the runtime of the checks has stopped"),
        ((report, _), Ok(Ok(()))) => (report.state() == HealthState::Unhealthy).then_some("liveness is unhealthy"),
    }
}
