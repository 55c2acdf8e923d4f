//! L: the life of a process.

use std::time::Duration;

use health_runtime::{Check, Health, Kind};

use crate::support::{down, get, health, up};

#[tokio::test(start_paused = true)]
async fn l7_two_in_one_process_are_independent() {
    let (a, b) = (health([up(Kind::Readiness, "x")]), health([down(Kind::Readiness, "x")]));
    assert_eq!((get(&a, "/readyz").await.0, get(&b, "/readyz").await.0), (200, 503));
    a.drain();
    let c = health([up(Kind::Readiness, "x")]);
    assert_eq!((get(&a, "/readyz").await.0, get(&c, "/readyz").await.0), (503, 200));
}

#[test]
fn l8_every_problem_is_told_at_once() {
    let error = Health::builder()
        .linked(false)
        .check(Check::readiness("both", || async {}).cache(Duration::ZERO).interval(Duration::from_secs(1)))
        .check(Check::liveness("soft", || async {}).critical(false))
        .check(Check::readiness("bad name", || async {}).timeout(Duration::ZERO).failure_threshold(0))
        .without("ghost")
        .policy("phantom", |policy| policy.critical = false)
        .policy("both", |policy| policy.success_threshold = 0)
        .expect(["redis"])
        .state(1_u8)
        .state(2_u8)
        .start()
        .err()
        .unwrap();
    let file = file!();
    let expected = [
        "health cannot start; 11 problems:".to_owned(),
        format!("`u8` ({file}:30) is given as state twice; wrap one in a type of its own"),
        format!("health check `both` ({file}:22) has both `cache` and `interval`; a background run is its own cache, so leave `cache` out"),
        format!("health check `bad name` ({file}:24) has a name with other characters than `A-Z a-z 0-9 _ . -`; replace them"),
        "`without` names health check `ghost`, but no linked check of that name is in this program; there are none".to_owned(),
        "`policy` names health check `phantom`, but no check of that name is in this program; there are `bad name`, `both`, `soft`".to_owned(),
        format!("health check `bad name` ({file}:24) has a `timeout` of 0ns; give one from 1ms to 1h"),
        format!("health check `bad name` ({file}:24) has a `failure_threshold` of 0; give at least 1"),
        format!("health check `both` ({file}:22) has a `success_threshold` of 0; give at least 1"),
        format!("health check `soft` ({file}:23) is liveness and not critical; make it critical, or readiness"),
        "health check `redis` is expected, but is not in this program; name its crate once, as in `health_runtime::link!(cache)`".to_owned(),
        "`start` was called outside a tokio runtime, so no check can run; call it inside one, such as `#[actix_web::main]`, or give `.runtime(handle)`".to_owned(),
    ];
    assert_eq!(error.to_string(), expected.join("\n  "));
    assert_eq!(format!("{error:?}"), error.to_string());
}
