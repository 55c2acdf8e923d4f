//! K13: details of an outcome.

use std::collections::BTreeMap;
use std::future::ready;
use std::time::Duration;

use actix_web::test::TestRequest;
use health_runtime::{Check, Details, Expose, Health, IntoOutcome, Kind, Outcome};
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

use health_tests::alone;
use health_tests::checks::{always, health};
use health_tests::log::Log;
use health_tests::probe::{body as body_of, get, send};
use health_tests::test_name;

#[tokio::test(start_paused = true)]
async fn k13_details_keep_their_order_and_values() {
    #[derive(Serialize)]
    struct Nested {
        zulu: u8,
        alpha: [&'static str; 2],
    }
    let check = always(Kind::Readiness, "disk", || {
        Outcome::up()
            .with("first-key", 42.5)
            .with("second-key", "two")
            .with("nested", Nested { zulu: 1, alpha: ["b", "a"] })
            .with("whole", 1.0)
    });
    let entry = concat!(
        r#""disk":{"status":"up","latency_ms":0,"first-key":42.5,"second-key":"two","#,
        r#""nested":{"zulu":1,"alpha":["b","a"]},"whole":1.0}"#
    );
    assert_eq!(get(&health([check]), "/readyz").await, (200, body_of("healthy", entry)));
}

#[tokio::test(start_paused = true)]
async fn k13_details_follow_the_error() {
    let check = always(Kind::Readiness, "pool", || Outcome::down("exhausted").with("size", 10));
    let entry = r#""pool":{"status":"down","latency_ms":0,"error":"exhausted","size":10}"#;
    assert_eq!(get(&health([check]), "/readyz").await, (503, body_of("unhealthy", entry)));
}

/// Returns the keys of a JSON object, in their order.
fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test(start_paused = true)]
async fn k13_no_key_of_the_body_changes_the_status_and_each_gets_an_underscore() {
    let errors = async |health: &Health, path| {
        let response = send(health.service().expose(Expose::Errors), TestRequest::with_uri(path)).await;
        serde_json::from_str::<Value>(&response.body).unwrap()
    };
    let failing = Check::readiness("x", || ready(Err::<(), _>("no"))).description("Fails.");
    let body = errors(&health([failing]), "/readyz?verbose").await;
    let all: Vec<_> = keys(&body["checks"]["x"]).into_iter().chain(["in_flight"]).map(ToOwned::to_owned).collect();
    assert_eq!(all.len(), 16, "every key of a check, and `in_flight` of a body: {all:?}");
    for key in all {
        let key: &'static str = key.leak();
        let check = Check::liveness("x", move || ready(Outcome::up().with(key, "mine")));
        let health = health([check.description("Is up.")]);
        for path in ["/livez", "/livez?verbose", "/livez/x"] {
            let body = errors(&health, path).await;
            let entry = &body["checks"]["x"];
            assert_eq!((&body["status"], &entry["status"]), (&json!("healthy"), &json!("up")), "{key} {path}");
            assert_eq!(entry[format!("{key}_")], "mine", "{key} {path}");
            assert_ne!(entry[key], "mine", "{key} {path}");
        }
        let shown = format!(r#""x":{{"status":"up","latency_ms":0,"{key}_":"mine"}}"#);
        assert_eq!(get(&health, "/livez").await, (200, body_of("healthy", &shown)), "the level does not matter");
    }
}

#[tokio::test(start_paused = true)]
async fn k13_underscores_are_appended_until_the_key_is_free() {
    type Made = fn() -> Outcome;
    let made: [(Made, &str); 6] = [
        (|| Outcome::up().with("free", 1).with("free", 2), r#""free":1,"free_":2"#),
        (|| Outcome::up().with("free", 1).with("free_", 2).with("free", 3), r#""free":1,"free_":2,"free__":3"#),
        (|| Outcome::up().with("free", 1).with("free", 2).with("free_", 3), r#""free":1,"free_":2,"free__":3"#),
        (|| Outcome::up().with("age_ms_", 1).with("age_ms", 2), r#""age_ms_":1,"age_ms__":2"#),
        (|| Outcome::up().with("error", 1).with("error", 2), r#""error_":1,"error__":2"#),
        (|| Outcome::up().with("Status", 1).with("nested", json!({"status": 2})), r#""Status":1,"nested":{"status":2}"#),
    ];
    for (outcome, details) in made {
        let entry = format!(r#""x":{{"status":"up","latency_ms":0,{details}}}"#);
        assert_eq!(get(&health([always(Kind::Readiness, "x", outcome)]), "/readyz").await, (200, body_of("healthy", &entry)));
    }
    let degraded = always(Kind::Readiness, "x", || Outcome::degraded("slow").with("latency_ms", 3));
    let entry = r#""x":{"status":"degraded","latency_ms":0,"error":"slow","latency_ms_":3}"#;
    assert_eq!(get(&health([degraded]), "/readyz").await, (200, body_of("degraded", entry)));
    let down = always(Kind::Readiness, "x", || Outcome::down("gone").with("error", 1));
    let entry = r#""x":{"status":"down","latency_ms":0,"error":"gone","error_":1}"#;
    assert_eq!(get(&health([down]), "/readyz").await, (503, body_of("unhealthy", entry)));
}

async fn response(outcome: impl IntoOutcome + Clone + Send + Sync + 'static) -> (u16, String) {
    get(&health([Check::readiness("x", move || ready(outcome.clone()))]), "/readyz").await
}

#[derive(Clone, Serialize)]
struct Pool {
    size: u8,
    idle: u8,
}

#[tokio::test(start_paused = true)]
async fn k13_the_fields_of_a_struct_are_details() {
    let entry = r#""x":{"status":"up","latency_ms":0,"size":10,"idle":7}"#;
    assert_eq!(response(Details(Pool { size: 10, idle: 7 })).await, (200, body_of("healthy", entry)));
    assert_eq!(response(Ok::<_, String>(Details(Pool { size: 10, idle: 7 }))).await, (200, body_of("healthy", entry)));
    assert_eq!(response(Details(())).await, (200, body_of("healthy", r#""x":{"status":"up","latency_ms":0}"#)));

    let entry = r#""x":{"status":"up","latency_ms":0,"error_":1,"since_":2}"#;
    assert_eq!(response(Details(BTreeMap::from([("error", 1), ("since", 2)]))).await, (200, body_of("healthy", entry)));
}

/// A value that cannot be serialized, with a secret in its error.
#[derive(Clone)]
struct Refuses;

impl Serialize for Refuses {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("password=hunter2"))
    }
}

#[tokio::test(start_paused = true)]
async fn k13_what_is_not_json_is_left_out_and_the_status_stays() {
    type Made = fn() -> Outcome;
    let made: [(Made, &str, &str); 5] = [
        (|| Outcome::up().with("x", Refuses).with("y", 1), "up", r#""y":1"#),
        (|| Outcome::degraded("slow").with("y", 1).with("x", Refuses), "degraded", r#""error":"slow","y":1"#),
        (|| Outcome::up().with("map", BTreeMap::from([((1, 2), 3)])).with("y", 1), "up", r#""y":1"#),
        (|| Details(Refuses).into_outcome().with("y", 1), "up", r#""y":1"#),
        (|| Details("hunter2").into_outcome().with("y", 1), "up", r#""y":1"#),
    ];
    for (outcome, status, details) in made {
        let state = if status == "up" { "healthy" } else { status };
        let entry = format!(r#""x":{{"status":"{status}","latency_ms":0,{details}}}"#);
        let check = always(Kind::Readiness, "x", outcome);
        assert_eq!(get(&health([check]), "/readyz").await, (200, body_of(state, &entry)));
    }
    for not_an_object in [json!("text"), json!(1), json!([1]), json!(true)] {
        let entry = r#""x":{"status":"up","latency_ms":0}"#;
        assert_eq!(response(Details(not_an_object)).await, (200, body_of("healthy", entry)));
    }
}

#[tokio::test(start_paused = true)]
async fn k13_one_warning_per_check_names_the_detail() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let log = Log::of_process(Level::WARN, FmtSpan::NONE);
    let check = |name, outcome: fn() -> Outcome| always(Kind::Readiness, name, outcome).cache(Duration::ZERO);
    let health = health([
        check("a", || Outcome::up().with("since", 1).with("tags", 2)),
        check("b", || Outcome::up().with("free", 1).with("free", 2)),
        check("c", || Outcome::up().with("x", Refuses)),
        check("d", || Details(7).into_outcome()),
        check("e", || Outcome::up().with("fine", 1)),
        check("f", || Details(()).into_outcome()),
    ]);
    for _ in 0..3 {
        health.report(Kind::Readiness).await;
    }
    let mut lines = log.lines();
    lines.sort();
    let text = "WARN health check returned details that the body cannot show as given";
    assert_eq!(
        lines,
        [
            format!("{text} check=\"a\" problem=the key `since` is in use, so the body shows it as `since_`"),
            format!("{text} check=\"b\" problem=the key `free` is in use, so the body shows it as `free_`"),
            format!("{text} check=\"c\" problem=`x` is left out, because it cannot be serialized as JSON: password=***"),
            format!(
                "{text} check=\"d\" problem=all are left out, because they cannot be serialized as a JSON object: \
                 invalid type: integer `7`, expected a struct or a map at line 1 column 1"
            ),
        ]
    );
}
