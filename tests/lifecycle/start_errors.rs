//! L8: `start` reports every problem at once.

use std::time::Duration;

use health_runtime::{Check, Health, PolicyOverride};

use health_tests::checks::builder;

#[test]
fn l8_start_reports_every_problem_at_once() {
    let error = Health::builder()
        .linked_checks(false)
        .check(Check::readiness("both", || async {}).cache(Duration::ZERO).interval(Duration::from_secs(1)))
        .check(Check::liveness("soft", || async {}).critical(false))
        .check(Check::readiness("bad name", || async {}).timeout(Duration::ZERO).failure_threshold(0))
        .without("ghost")
        .policy("phantom", |policy| policy.critical = false)
        .policy("both", |policy| policy.success_threshold = 0)
        .require(["redis"])
        .state(1_u8)
        .state(2_u8)
        .start()
        .err()
        .unwrap();
    let file = file!();
    let line = |needle: &str| 1 + include_str!("start_errors.rs").lines().position(|line| line.contains(needle)).unwrap();
    let (both, soft) = (line("readiness(\"both\""), line("liveness(\"soft\""));
    let (bad, state) = (line("readiness(\"bad name\""), line(".state(2_u8)"));
    let expected = [
        "health cannot start; 11 problems:".to_owned(),
        format!("`u8` ({file}:{state}) is given as state twice; wrap one in a new type"),
        format!("health check `both` ({file}:{both}) has both `cache` and `interval`; remove `cache`, background results need none"),
        format!("health check `bad name` ({file}:{bad}) has a name with other characters than `A-Z a-z 0-9 _ . -`; replace them"),
        "`without` names health check `ghost`, but no linked check of that name is in this program; there are none".to_owned(),
        "`policy` names health check `phantom`, but no check of that name is in this program; there are `bad name`, `both`, `soft`".to_owned(),
        format!("health check `bad name` ({file}:{bad}) has a `timeout` of 0ns; give one from 1ms to 1h"),
        format!("health check `bad name` ({file}:{bad}) has a `failure_threshold` of 0; give at least 1"),
        format!("health check `both` ({file}:{both}) has a `success_threshold` of 0; give at least 1"),
        format!("health check `soft` ({file}:{soft}) is a liveness check with `critical = false`; remove `critical`, or make it a readiness check"),
        "health check `redis` is expected, but is not in this program; name its crate once, as in `health_runtime::link!(its_crate)`".to_owned(),
        "`start` was called outside a tokio runtime; call it inside one, such as `#[actix_web::main]`, or add `.runtime(handle)`".to_owned(),
    ];
    assert_eq!(error.to_string(), expected.join("\n  "));
    assert_eq!(format!("{error:?}"), error.to_string());
}

#[tokio::test(start_paused = true)]
async fn start_rejects_endless_durations_and_invalid_tags() {
    let line = line!() + 1;
    let tagged = Check::readiness("x", || async {}).tags(["db", "x y", "db"]);
    let error = builder([tagged]).deadline(Duration::MAX).drain_delay(Duration::MAX).start().err().unwrap();
    let place = format!("health check `x` ({}:{line})", file!());
    let expected = [
        "health cannot start; 4 problems:".to_owned(),
        format!("{place} has the tag \"x y\"; write at most 63 of `A-Z a-z 0-9 _ . -`, a letter or digit first"),
        format!("{place} has the tag `db` twice; remove one"),
        format!("`deadline` is {:?}; the maximum is 24h", Duration::MAX),
        format!("`drain_delay` is {:?}; the maximum is 24h", Duration::MAX),
    ];
    assert_eq!(error.to_string(), expected.join("\n  "));
}

#[tokio::test(start_paused = true)]
async fn l8_start_rejects_settings_without_effect() {
    let line = line!() + 1;
    let on_demand = || Check::readiness("x", || async {});
    let place = format!("health check `x` ({}:{line})", file!());
    let long = Duration::from_secs(9);
    let edited = builder([on_demand()]).policy("x", move |policy| {
        (policy.interval, policy.cache) = (Some(long), long);
    });
    let in_background = builder([on_demand().interval(long)]).policy("x", move |policy| policy.cache = long);
    for refused in [edited, in_background] {
        let expected = format!(
            "health cannot start; 1 problem:\n  {place} has an `interval`, so the `cache` of its policy would have no effect; remove it"
        );
        assert_eq!(refused.start().err().unwrap().to_string(), expected);
    }
    let switched = builder([on_demand().cache(long)]).policy("x", move |policy| policy.interval = Some(long));
    assert!(switched.start().is_ok(), "to change from one to the other");
}

#[tokio::test(start_paused = true)]
async fn l8_each_problem_is_reported_once() {
    let error = builder([]).version("v".repeat(257)).require(["a", "b", "a"]).start().err().unwrap();
    let expected = [
        "health cannot start; 3 problems:",
        "health check `a` is expected, but is not in this program; name its crate once, as in `health_runtime::link!(its_crate)`",
        "health check `b` is expected, but is not in this program; name its crate once, as in `health_runtime::link!(its_crate)`",
        "`version` is 257 bytes long; the maximum is 256",
    ];
    assert_eq!(error.to_string(), expected.join("\n  "));
    assert!(builder([]).version("v".repeat(256)).name("n".repeat(256)).start().is_ok());
    let error = builder([]).name("n".repeat(257)).start().err().unwrap();
    assert_eq!(error.to_string(), "health cannot start; 1 problem:\n  `name` is 257 bytes long; the maximum is 256");
}

#[tokio::test(start_paused = true)]
async fn l8_a_misspelt_name_has_the_nearest_one() {
    let checks = || [Check::readiness("database", || async {}), Check::readiness("orders-db", || async {})];
    let error = builder(checks())
        .require(["databse", "redis"])
        .policy("order-db", |policy| policy.critical = false)
        .overrides([("Databases".to_owned(), PolicyOverride::default())].into())
        .settings(serde_json::from_str(r#"{"checks":{"cache":{}}}"#).unwrap())
        .start();
    let unknown = |method, name, remedy| {
        format!("`{method}` names health check `{name}`, but no check of that name is in this program; {remedy}")
    };
    let expected = [
        "health cannot start; 5 problems:".to_owned(),
        unknown("policy", "order-db", "did you mean `orders-db`?"),
        unknown("overrides", "Databases", "did you mean `database`?"),
        unknown("settings", "cache", "there are `database`, `orders-db`"),
        "health check `databse` is expected, but is not in this program; did you mean `database`? If not, name its crate once, as in `health_runtime::link!(its_crate)`".to_owned(),
        "health check `redis` is expected, but is not in this program; name its crate once, as in `health_runtime::link!(its_crate)`".to_owned(),
    ];
    assert_eq!(error.err().unwrap().to_string(), expected.join("\n  "));
}

/// Each search for the nearest name compares every name.
#[tokio::test(start_paused = true)]
async fn only_the_first_unknown_names_have_the_nearest_one() {
    let checks: Vec<Check> = (0..20).map(|index| Check::readiness(format!("check-{index}"), || async {})).collect();
    let error = builder(checks).require((0..20).map(|index| format!("chekc-{index}"))).start().err().unwrap();
    assert_eq!(error.to_string().matches("did you mean").count(), 10);
}
