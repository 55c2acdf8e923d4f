//! Constants as the values of options. The fixtures in `tests/fixtures/ui/fail/constants` show the compile errors.

use std::time::Duration;

use health_runtime::{Health, HealthState, Kind, health_check};

const CLIENT_TIMEOUT: Duration = Duration::from_millis(30);
const REQUIRED: bool = false;

/// Runs longer than the timeout that it shares with its client.
#[health_check(readiness, timeout = CLIENT_TIMEOUT, critical = REQUIRED)]
async fn bounded_by_a_constant() {
    tokio::time::sleep(2 * CLIENT_TIMEOUT).await;
}

#[tokio::test(start_paused = true)]
async fn d7_a_constant_is_the_value_of_an_option() {
    let health = Health::builder().only(["bounded_by_a_constant"]).start().unwrap();
    let report = health.report(Kind::Readiness).await;
    assert_eq!(report.check("bounded_by_a_constant").unwrap().error(), Some("timed out after 30ms"));
    assert_eq!(report.state(), HealthState::Degraded);
}
