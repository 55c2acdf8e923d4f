//! What a run and a probe cost, counted: neither depends on the number of the other checks.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::shared_state::ACCESSES;
use super::*;
use crate::core::health::Health;
use crate::core::model::status::{HealthState, Kind, Status};
use crate::core::registry::check::Check;

/// Starts this many checks, which are up until `fails` is set.
fn started(count: usize, fails: &Arc<AtomicBool>) -> Health {
    let check = |index| {
        let fails = Arc::clone(fails);
        let run = move || std::future::ready(if fails.load(Ordering::Relaxed) { Err("connection refused") } else { Ok(()) });
        Check::readiness(format!("check-{index}"), run).cache(Duration::ZERO)
    };
    let builder = Health::builder().linked_checks(false).deadline(Duration::from_secs(3600));
    (0..count).fold(builder, |builder, index| builder.check(check(index))).start().unwrap()
}

/// Returns how often the states of checks are accessed until a report about checks that all fail for the first time.
async fn accesses_of_a_change(count: usize) -> usize {
    let fails = Arc::default();
    let health = started(count, &fails);
    assert_eq!(health.report(Kind::Readiness).await.state(), HealthState::Healthy);
    fails.store(true, Ordering::Relaxed);
    let before = ACCESSES.get();
    let report = health.report(Kind::Readiness).await;
    let accesses = ACCESSES.get() - before;
    assert_eq!(report.checks().filter(|check| check.status() == Status::Down).count(), count);
    accesses
}

#[tokio::test(start_paused = true)]
async fn c1_many_checks_that_change_at_once_access_as_many_states_per_check_as_a_few() {
    let (of_ten, of_twenty) = (accesses_of_a_change(10).await, accesses_of_a_change(20).await);
    let of_ten_more = of_twenty - of_ten;
    let expected = of_ten + of_ten_more * 999;
    // The runtime polls the report again after every few dozen runs, and it looks at the check that it waits for.
    let range = expected..=expected + expected / 100;
    let of_many = accesses_of_a_change(10_000).await;
    assert!(range.contains(&of_many), "{of_many} not in {range:?}");
}

#[tokio::test(start_paused = true)]
async fn c2_a_check_by_its_name_is_found_without_a_look_at_the_others() {
    let mut accesses = Vec::new();
    for count in [10, 10_000] {
        let health = started(count, &Arc::default());
        let (before, engine, now) = (ACCESSES.get(), &health.inner().engine, Instant::now());
        let looked_at = Cell::new(0);
        let selects = |check: &RegisteredCheck| {
            looked_at.set(looked_at.get() + 1);
            *check.name == *"check-7"
        };
        let needed = engine.with_parents(Some("check-7"), selects);
        engine.refresh(&needed, now).await;
        let observed: Vec<Status> =
            engine.observe_and_publish(now, now, Some("check-7"), selects).map(|(_, observation)| observation.status).collect();
        assert_eq!((observed, looked_at.get()), (vec![Status::Up], 2), "among {count}");
        accesses.push(ACCESSES.get() - before);
    }
    assert_eq!(accesses[0], accesses[1]);
}
