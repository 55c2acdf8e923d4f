//! Settings and policies in the application's configuration and in environment variables.

use std::collections::BTreeMap;
use std::time::Duration;

use health_runtime::{Check, Kind, PolicyOverride, Settings};
use tokio::time::sleep;

use health_tests::alone;
use health_tests::checks::{builder, down};
use health_tests::probe::{body, get};
use health_tests::test_name;

fn overrides(json: &str) -> BTreeMap<String, PolicyOverride> {
    serde_json::from_str(json).unwrap()
}

#[tokio::test(start_paused = true)]
async fn settings_set_the_deadline_the_drain_delay_and_overrides() {
    let settings: Settings = serde_json::from_str(
        r#"{"deadline":"50ms","drain_delay":"1m","checks":{"slow":{"timeout":"1m"},"off":{"enabled":false}}}"#,
    )
    .unwrap();
    assert_eq!(settings.drain_delay, Some(Duration::from_mins(1)));
    let checks = [Check::readiness("slow", || sleep(Duration::from_secs(1))), down(Kind::Readiness, "off")];
    let health = builder(checks).settings(settings).settings(Settings::default()).start().unwrap();
    let entry = r#""slow":{"status":"unknown","error":"no result within 50ms"}"#;
    assert_eq!(get(&health, "/readyz").await, (503, body("unhealthy", entry)));
}

#[test]
fn settings_reject_unknown_keys_and_invalid_durations() {
    let error = |json| serde_json::from_str::<Settings>(json).unwrap_err().to_string();
    let unknown = "unknown field `dead_line`, expected one of `deadline`, `drain_delay`, `checks` at line 1 column 12";
    assert_eq!(error(r#"{"dead_line":"1s"}"#), unknown);
    let spaces = "duration `5 seconds` must not contain spaces; write `5s` at line 1 column 23";
    assert_eq!(error(r#"{"deadline":"5 seconds"}"#), spaces);
    let nested = "duration `1.5s` must not have a fraction; write `1s500ms` at line 1 column 32";
    assert_eq!(error(r#"{"checks":{"x":{"timeout":"1.5s"}}}"#), nested);
}

#[tokio::test(start_paused = true)]
async fn d9_environment_variables_override_policies() {
    let variables = [
        ("CHECK_ORDERS_DB_TIMEOUT", "50ms"),
        ("CHECK_SOFT_CRITICAL", "false"),
        ("CHECK_OFF_ENABLED", "false"),
        // Kubernetes sets these for a service called `check`.
        ("CHECK_SERVICE_HOST", "10.0.0.1"),
        ("CHECK_PORT_80_TCP", "tcp://10.0.0.1:80"),
    ];
    if !alone::with_variables(test_name!(), &variables) {
        return;
    }
    let checks = || {
        let slow = Check::readiness("orders-db", || sleep(Duration::from_millis(300)));
        [slow, down(Kind::Readiness, "soft"), down(Kind::Readiness, "off")]
    };
    let entry = |timeout: &str, ms: u64| {
        let slow = format!(r#""orders-db":{{"status":"down","latency_ms":{ms},"error":"timed out after {timeout}"}}"#);
        body("unhealthy", &format!(r#"{slow},"soft":{{"status":"down","latency_ms":0,"error":"broken"}}"#))
    };
    let health = builder(checks())
        .policy("orders-db", |policy| policy.timeout = Duration::from_secs(1))
        .overrides_from_env("CHECK_")
        .start()
        .unwrap();
    assert_eq!(get(&health, "/readyz").await, (503, entry("50ms", 50)));
    let later = builder(checks()).overrides_from_env("CHECK_").overrides(overrides(r#"{"orders-db":{"timeout":"20ms"}}"#));
    assert_eq!(get(&later.start().unwrap(), "/readyz").await, (503, entry("20ms", 20)), "the later call wins");
}

#[tokio::test(start_paused = true)]
async fn d9_invalid_environment_variables_refuse_to_start() {
    let variables = [
        ("CHECK_A_B_TIMEOUT", "1s"),
        ("CHECK_FEED_CACHE", "1s"),
        ("CHECK_FEED_INTERVAL", "1s"),
        ("CHECK_FEED_TIMOUT", "1s"),
        ("CHECK_FEED_TIMEOUT", "5 seconds"),
        ("CHECK_QUEUE", "x"),
    ];
    if !alone::with_variables(test_name!(), &variables) {
        return;
    }
    let line = line!() + 1;
    let checks = ["a-b", "a.b", "feed"].map(|name| Check::readiness(name, || async {}));
    let error = builder(checks).overrides_from_env("CHECK_").overrides_from_env("").start().err().unwrap();
    let variable = |name, problem| format!("environment variable `CHECK_{name}` {problem}");
    let expected = [
        "health cannot start; 6 problems:".to_owned(),
        variable("A_B_TIMEOUT", "fits the health checks `a-b` and `a.b`; rename all but one"),
        variable("FEED_TIMEOUT", "must not contain spaces; write `5s`"),
        variable("FEED_TIMOUT", "fits no health check and field; did you mean `CHECK_FEED_TIMEOUT`?"),
        variable("QUEUE", "fits no health check and field; unset it, or write one such as `CHECK_ORDERS_DB_TIMEOUT`"),
        "`overrides_from_env` has an empty prefix; give one, such as `HEALTH_`".to_owned(),
        format!("health check `feed` ({}:{line}) has both `cache` and `interval` in one override; remove one", file!()),
    ];
    assert_eq!(error.to_string(), expected.join("\n  "));
}
