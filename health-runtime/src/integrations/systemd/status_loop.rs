//! `READY=1`, `STATUS=` and `STOPPING=1`: one look after the other, and what is told of each.

use std::sync::Weak;
use std::time::Duration;

use tokio::time::timeout;

use super::socket::Socket;
use crate::core::events::Transitions;
use crate::core::health_inner::{HealthInner, ProbeQuery};
use crate::core::lifecycle::Lifecycle;
use crate::core::model::status::{HealthState, Kind, Scope, Status};
use crate::core::report::Report;

/// Between two looks, however much changes: a look runs checks.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
/// What comes on top when the service is ready and nobody notices a change.
const QUIET: Duration = Duration::from_secs(4);

/// systemd drops a message above 4,096 bytes.
const MOST_NAMES: usize = 10;

/// What was told last.
#[derive(Default)]
struct Told {
    ready: bool,
    stopping: bool,
    status: String,
}

/// Tells until the last `Health` is gone.
pub(super) async fn tell(inner: &Weak<HealthInner>, lifecycle: &Lifecycle, mut transitions: Transitions, socket: &Socket) {
    let mut told = Told::default();
    loop {
        let is_draining = lifecycle.phase().draining;
        if is_draining && !told.stopping {
            told.stopping = socket.send("STOPPING=1");
        }
        let look = async {
            told.look(inner, socket).await;
            let quiet = if told.ready { QUIET } else { Duration::ZERO };
            next_look(&mut transitions, quiet).await
        };
        tokio::select! {
            biased;
            () = lifecycle.wait_for_drain(), if !is_draining => {}
            goes_on = look => if !goes_on { return },
        }
    }
}

impl Told {
    /// What was not sent is told with the next look.
    async fn look(&mut self, inner: &Weak<HealthInner>, socket: &Socket) {
        let Some(inner) = inner.upgrade() else { return };
        let (report, _) = inner.evaluate(&ProbeQuery::from(Scope::All)).await;
        if !self.ready && is_ready(&report) {
            self.ready = socket.send("READY=1");
        }
        let status = status(&report);
        if status != self.status && socket.send(&format!("STATUS={status}")) {
            self.status = status;
        }
    }
}

/// Whether `/readyz` would be 200, read from a report of the whole: of two reports one may know more than the other.
fn is_ready(report: &Report) -> bool {
    let readiness = Kind::Readiness;
    let mut checks = report.checks().filter(|check| check.check().kinds.has(readiness));
    report.reason().is_none() && checks.all(|check| check.impact(readiness.into()) < HealthState::Unhealthy)
}

/// Waits until it is time for the next look; `false` once the last `Health` is gone. All changes within the pause are
/// seen by one look.
async fn next_look(transitions: &mut Transitions, quiet: Duration) -> bool {
    let mut changed = false;
    let until_gone = async {
        while transitions.next().await.is_some() {
            changed = true;
        }
    };
    if timeout(SHORTEST_PAUSE, until_gone).await.is_ok() {
        return false;
    }
    changed || !matches!(timeout(quiet, transitions.next()).await, Ok(None))
}

/// The state, and what makes it so. Names alone: a reason may change with every run, and is for other readers.
fn status(report: &Report) -> String {
    let state = report.state();
    if state == HealthState::Healthy {
        return state.to_string();
    }
    let mut causes: Vec<String> = report.reason().into_iter().map(ToOwned::to_owned).collect();
    let mut failing = report.checks().filter(|check| check.status() > Status::Up);
    causes.extend(failing.by_ref().take(MOST_NAMES).map(|check| format!("{} {}", check.name(), check.status())));
    let more = failing.count();
    if more > 0 {
        causes.push(format!("{more} more"));
    }
    format!("{state}: {}", causes.join(", "))
}
