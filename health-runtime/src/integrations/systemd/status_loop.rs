//! Sends `READY=1`, `STATUS=` and `STOPPING=1`.

use std::sync::Weak;
use std::time::Duration;

use tokio::time::timeout;

use super::socket::Socket;
use crate::core::events::Transitions;
use crate::core::health_inner::{HealthInner, ProbeQuery};
use crate::core::lifecycle::Lifecycle;
use crate::core::model::status::{HealthState, Kind, Scope, Status};
use crate::core::report::Report;

/// The minimum interval between two reports, however often statuses change: a report runs checks.
const MIN_INTERVAL: Duration = Duration::from_secs(1);
/// The interval between two reports if the service is ready and no transition is published.
const IDLE_INTERVAL: Duration = Duration::from_secs(5);

/// Keeps `STATUS=` short: systemd drops messages longer than 4,096 bytes.
const MAX_NAMES: usize = 10;

/// Sends updates until the last `Health` is dropped. A message that fails is sent again with the next update.
pub(super) async fn run(inner: &Weak<HealthInner>, lifecycle: &Lifecycle, mut transitions: Transitions, socket: &Socket) {
    let (mut ready_sent, mut stopping_sent, mut sent_status) = (false, false, String::new());
    loop {
        let is_draining = lifecycle.is_draining();
        if is_draining && !stopping_sent {
            stopping_sent = socket.send("STOPPING=1");
        }
        let update = async {
            if let Some(inner) = inner.upgrade() {
                let report = inner.evaluate(&ProbeQuery::from(Scope::All)).await;
                if !ready_sent && is_ready(&report) {
                    ready_sent = socket.send("READY=1");
                }
                let status = status(&report);
                if status != sent_status && socket.send(&format!("STATUS={status}")) {
                    sent_status = status;
                }
            }
            let max_interval = if ready_sent { IDLE_INTERVAL } else { MIN_INTERVAL };
            wait_for_change(&mut transitions, max_interval).await
        };
        tokio::select! {
            biased;
            () = lifecycle.wait_for_drain(), if !is_draining => {}
            is_open = update => if !is_open { return },
        }
    }
}

/// Returns whether `/readyz` would return 200. Reads the overall report, because a second report may observe other
/// results.
fn is_ready(report: &Report) -> bool {
    report.reason().is_none() && report.state_of(Kind::Readiness) < HealthState::Unhealthy
}

/// Waits until the next update is due. Collects all transitions of the first [`MIN_INTERVAL`] into one update. Returns
/// `false` once the last `Health` is dropped.
async fn wait_for_change(transitions: &mut Transitions, max_interval: Duration) -> bool {
    let mut changed = false;
    let until_closed = async {
        while transitions.next().await.is_some() {
            changed = true;
        }
    };
    if timeout(MIN_INTERVAL, until_closed).await.is_ok() {
        return false;
    }
    changed || !matches!(timeout(max_interval.saturating_sub(MIN_INTERVAL), transitions.next()).await, Ok(None))
}

/// Returns the overall state and its causes. Names only: a reason may change with every run and belongs in the log.
fn status(report: &Report) -> String {
    let state = report.state();
    if state == HealthState::Healthy {
        return state.to_string();
    }
    // A line break would start another message to systemd.
    let reason = report.reason().map(|reason| reason.replace(char::is_control, " "));
    let mut causes: Vec<String> = reason.into_iter().collect();
    let mut failing = report.checks().filter(|check| check.status() > Status::Up);
    causes.extend(failing.by_ref().take(MAX_NAMES).map(|check| format!("{} {}", check.name(), check.status())));
    let more = failing.count();
    if more > 0 {
        causes.push(format!("{more} more"));
    }
    format!("{state}: {}", causes.join(", "))
}
