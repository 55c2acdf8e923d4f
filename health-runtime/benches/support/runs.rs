//! Checks that have run before, on a runtime with one thread.

use std::time::Duration;

use health_runtime::{Check, Health, HealthState, Kind};
use tokio::runtime::{Builder, Runtime};

/// Longer than any run under a profiler, so that no run times out.
pub(crate) const LONG: Duration = Duration::from_secs(600);

/// Creates a runtime with one thread, and a `Health` with this many checks that have run before.
pub(crate) fn checks(count: usize) -> (Runtime, Health) {
    started(count, HealthState::Healthy, |name| Check::readiness(name, || async { tokio::task::yield_now().await }))
}

pub(crate) fn started(count: usize, state: HealthState, check: impl Fn(String) -> Check) -> (Runtime, Health) {
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime of one thread is made");
    let check = |number| check(format!("check-{number}")).cache(Duration::ZERO).timeout(LONG);
    let builder = Health::builder().linked_checks(false).deadline(LONG);
    let builder = (0..count).fold(builder, |builder, number| builder.check(check(number)));
    let health = {
        let _runtime = runtime.enter();
        builder.start().expect("nothing is wrong with these checks")
    };
    for _ in 0..3 {
        let report = runtime.block_on(health.report(Kind::Readiness));
        assert_eq!((report.state(), report.checks().count()), (state, count));
    }
    (runtime, health)
}
