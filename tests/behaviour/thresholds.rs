//! T: thresholds and transitions.

use std::collections::VecDeque;
use std::future::ready;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use health_runtime::{Check, Health, HealthState, Kind, Status, Transition, Transitions};
use tokio::time::sleep;

use health_tests::checks::{health, up};

/// Returns a check with these runs, `S` for success and `F` for failure. The last one repeats.
fn script(runs: &str) -> Check {
    let rest: Arc<Mutex<VecDeque<bool>>> = Arc::new(Mutex::new(runs.chars().map(|run| run == 'S').collect()));
    Check::readiness("x", move || {
        let mut rest = rest.lock().unwrap();
        let good = if rest.len() > 1 { rest.pop_front() } else { rest.front().copied() };
        ready(if good == Some(true) { Ok(()) } else { Err("bad") })
    })
}

/// Returns the status after each of the runs: `u` or `d`.
async fn statuses(runs: &str, failure: u32, success: u32) -> String {
    let health = health([script(runs).cache(Duration::ZERO).failure_threshold(failure).success_threshold(success)]);
    let mut statuses = String::new();
    for _ in runs.chars() {
        let status = health.report(Kind::Readiness).await.check("x").unwrap().status();
        statuses.push(if status == Status::Up { 'u' } else { 'd' });
    }
    statuses
}

#[tokio::test(start_paused = true)]
async fn t1_a_success_resets_the_failure_count() {
    assert_eq!(statuses("SFFSFF", 3, 2).await, "uuuuuu");
}

#[tokio::test(start_paused = true)]
async fn t2_consecutive_runs_change_the_status() {
    assert_eq!(statuses("SFFFSS", 3, 2).await, "uuuddu");
    assert_eq!(statuses("SFFFSFSS", 3, 2).await, "uuuddddu");
}

#[tokio::test(start_paused = true)]
async fn t3_the_first_run_ignores_thresholds() {
    assert_eq!(statuses("FFS", 3, 1).await, "ddu");
    assert_eq!(statuses("SF", 1, 5).await, "ud");
}

/// Returns the transitions of a background check with their times, probed this often.
async fn transitions_with_times(probe: Duration) -> Vec<(u64, Status)> {
    let check = script("SFFFSS").failure_threshold(3).success_threshold(2).interval(Duration::from_secs(10));
    let health = health([check]);
    let mut last = Status::Unknown;
    let mut transitions_with_times = Vec::new();
    let began = tokio::time::Instant::now();
    while began.elapsed() < Duration::from_secs(80) {
        let status = health.report(Kind::Readiness).await.check("x").unwrap().status();
        if status != last {
            transitions_with_times.push((began.elapsed().as_secs(), status));
            last = status;
        }
        sleep(probe).await;
    }
    transitions_with_times
}

#[tokio::test(start_paused = true)]
async fn t4_probes_do_not_count_as_runs() {
    for probe in [Duration::from_secs(1), Duration::from_millis(100)] {
        let transitions_with_times = transitions_with_times(probe).await;
        let statuses: Vec<_> = transitions_with_times.iter().map(|transition| transition.1).collect();
        assert_eq!(statuses, [Status::Up, Status::Down, Status::Up], "{transitions_with_times:?}");
        // The second run starts after 0 to 10 s, each later one 9 to 11 s after the one before. The fourth changes the status.
        let (down, back) = (transitions_with_times[1].0, transitions_with_times[2].0);
        assert!((18..=33).contains(&down) && (18..=23).contains(&(back - down)), "{transitions_with_times:?}");
    }
}

async fn collect(transitions: &mut Transitions, most: usize) -> Vec<Transition> {
    let mut seen = Vec::new();
    while seen.len() < most
        && let Ok(Some(transition)) = tokio::time::timeout(Duration::from_millis(1), transitions.next()).await
    {
        seen.push(transition);
    }
    seen
}

fn check(from: Status, to: Status, reason: Option<&str>) -> Transition {
    Transition::Check { name: "x".to_owned(), from, to, reason: reason.map(ToOwned::to_owned) }
}

fn kind(from: HealthState, to: HealthState) -> Transition {
    Transition::Kind { kind: Kind::Readiness, from, to }
}

#[tokio::test(start_paused = true)]
async fn t5_each_transition_is_published_once_in_order() {
    let health = health([script("SFS").cache(Duration::ZERO)]);
    let mut transitions = health.subscribe();
    for _ in 0..9 {
        health.report(Kind::Readiness).await;
    }
    let seen = collect(&mut transitions, 100).await;
    assert_eq!(
        seen,
        [
            check(Status::Unknown, Status::Up, None),
            kind(HealthState::Unhealthy, HealthState::Healthy),
            check(Status::Up, Status::Down, Some("check failed")),
            kind(HealthState::Healthy, HealthState::Unhealthy),
            check(Status::Down, Status::Up, None),
            kind(HealthState::Unhealthy, HealthState::Healthy),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn t5_a_slow_subscriber_receives_lagged_and_goes_on() {
    let health = health([script(&"SF".repeat(1000)).cache(Duration::ZERO)]);
    let (mut quick, mut slow) = (health.subscribe(), health.subscribe());
    let mut seen = Vec::new();
    for _ in 0..2000 {
        health.report(Kind::Readiness).await;
        seen.extend(collect(&mut quick, 2).await);
    }
    assert_eq!(seen.len(), 4000, "a check and a kind for each run");
    assert!(!seen.iter().any(|transition| matches!(transition, Transition::Lagged(_))));

    let late = collect(&mut slow, 5000).await;
    assert_eq!(late[0], Transition::Lagged(4000 - 1024));
    assert_eq!(late[1..], seen[4000 - 1024..]);
}

#[tokio::test(start_paused = true)]
async fn t5_transitions_end_when_the_last_health_is_dropped() {
    let health: Health = health([up(Kind::Readiness, "x")]);
    let mut transitions = health.subscribe();
    health.report(Kind::Readiness).await;
    drop(health);
    let seen = [transitions.next().await, transitions.next().await, transitions.next().await];
    assert!(seen[0].is_some() && seen[1].is_some() && seen[2].is_none(), "{seen:?}");
}
