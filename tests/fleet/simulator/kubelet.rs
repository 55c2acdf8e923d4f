//! The kubelet: probes each container, restarts it with a back-off, and reports whether it is ready.

use std::sync::Arc;
use std::time::Duration;

use health_runtime::Kind;
use tokio::time::{Instant, interval_at, sleep};

use super::fleet::Fleet;
use super::replica::{Answer, Replica};

const TIMEOUT: Duration = Duration::from_secs(1);
/// From the start of a container until its process listens.
const BOOT: Duration = Duration::from_secs(3);
/// The back-off before the second restart, the maximum, and how long a container runs until the back-off begins again.
const BACK_OFF: Duration = Duration::from_secs(10);
const MAX_BACK_OFF: Duration = Duration::from_mins(5);
const BACK_OFF_RESET: Duration = Duration::from_mins(10);

/// The settings of one probe.
#[derive(Debug, Clone, Copy)]
struct ProbeSettings {
    kind: Kind,
    period: Duration,
    failure_threshold: u32,
}

/// The probes that `health_runtime::kubernetes` writes. Each has a `successThreshold` of 1.
const STARTUP: ProbeSettings = ProbeSettings { kind: Kind::Startup, period: Duration::from_secs(2), failure_threshold: 31 };
const READINESS: ProbeSettings = ProbeSettings { kind: Kind::Readiness, period: Duration::from_secs(5), failure_threshold: 2 };
const LIVENESS: ProbeSettings = ProbeSettings { kind: Kind::Liveness, period: Duration::from_secs(10), failure_threshold: 3 };

/// Runs one container after `delay`, for the rest of the simulation.
pub(crate) async fn run(fleet: Arc<Fleet>, index: usize, delay: Duration) {
    sleep(delay).await;
    let mut back_off = Duration::ZERO;
    loop {
        let started_at = Instant::now();
        run_container(&fleet, index).await;
        fleet.replica(index).stop();
        fleet.set_ready(index, false);
        if started_at.elapsed() >= BACK_OFF_RESET {
            back_off = Duration::ZERO;
        }
        sleep(back_off).await;
        back_off = (back_off * 2).clamp(BACK_OFF, MAX_BACK_OFF);
    }
}

/// Runs one container until a probe fails so often that the kubelet kills it.
async fn run_container(fleet: &Fleet, index: usize) {
    sleep(BOOT).await;
    let replica = fleet.replica(index);
    replica.start(fleet.new_process(index));
    if !startup_passes(replica).await {
        return;
    }
    let readiness = follow(READINESS, fleet.readiness_period(), replica, |is_good| {
        fleet.set_ready(index, is_good);
        true
    });
    let liveness = follow(LIVENESS, LIVENESS.period, replica, |is_good| is_good);
    tokio::select! {
        biased;
        () = liveness => {}
        () = readiness => {}
    }
}

async fn startup_passes(replica: &Replica) -> bool {
    for _ in 0..STARTUP.failure_threshold {
        if replica.probe(STARTUP.kind, TIMEOUT).await == Answer::Good {
            return true;
        }
        sleep(STARTUP.period).await;
    }
    false
}

/// Probes periodically. Calls `on_result` after each success, and after as many consecutive failures as the threshold, until it
/// returns `false`.
async fn follow(settings: ProbeSettings, period: Duration, replica: &Replica, on_result: impl Fn(bool) -> bool) {
    let mut failures = 0;
    let mut ticks = interval_at(Instant::now(), period);
    loop {
        ticks.tick().await;
        let is_good = replica.probe(settings.kind, TIMEOUT).await == Answer::Good;
        failures = if is_good { 0 } else { failures + 1 };
        if (is_good || failures >= settings.failure_threshold) && !on_result(is_good) {
            return;
        }
    }
}
