//! K13: details of an outcome.

use std::future::ready;

use health_runtime::{Check, Details, IntoOutcome, Kind, Outcome};
use serde::ser::Error as _;
use serde::{Serialize, Serializer};

use health_tests::checks::{always, health};
use health_tests::probe::{body, get};

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
    assert_eq!(get(&health([check]), "/readyz").await, (200, body("healthy", entry)));
}

#[tokio::test(start_paused = true)]
async fn k13_details_follow_the_error() {
    let check = always(Kind::Readiness, "pool", || Outcome::down("exhausted").with("size", 10));
    let entry = r#""pool":{"status":"down","latency_ms":0,"error":"exhausted","size":10}"#;
    assert_eq!(get(&health([check]), "/readyz").await, (503, body("unhealthy", entry)));
}

#[tokio::test(start_paused = true)]
async fn k13_a_reserved_key_makes_the_check_down_and_is_named() {
    type Taken = (&'static str, fn() -> Outcome);
    let taken: [Taken; 4] = [
        ("status", || Outcome::up().with("status", "fine")),
        ("latency_ms", || Outcome::degraded("slow").with("latency_ms", 3)),
        ("transitions", || Outcome::up().with("transitions", 3)),
        ("free", || Outcome::up().with("free", 1).with("free", 2)),
    ];
    for (key, outcome) in taken {
        let (code, text) = get(&health([always(Kind::Readiness, "x", outcome)]), "/readyz").await;
        assert_eq!(code, 503, "{text}");
        assert!(text.contains(&format!("detail `{key}` is reserved")), "{text}");
    }
    let twice = always(Kind::Readiness, "x", || Outcome::up().with("free", 1).with("free", 2));
    let entry = r#""x":{"status":"down","latency_ms":0,"error":"detail `free` is reserved","free":1}"#;
    assert_eq!(get(&health([twice]), "/readyz").await, (503, body("unhealthy", entry)));
    let both = always(Kind::Readiness, "x", || Outcome::degraded("slow").with("error", 1));
    let entry = r#""x":{"status":"down","latency_ms":0,"error":"slow; detail `error` is reserved"}"#;
    assert_eq!(get(&health([both]), "/readyz").await, (503, body("unhealthy", entry)));
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
    assert_eq!(response(Details(Pool { size: 10, idle: 7 })).await, (200, body("healthy", entry)));
    assert_eq!(response(Ok::<_, String>(Details(Pool { size: 10, idle: 7 }))).await, (200, body("healthy", entry)));
    assert_eq!(response(Details(())).await, (200, body("healthy", r#""x":{"status":"up","latency_ms":0}"#)));

    let (code, text) = response(Details(std::collections::BTreeMap::from([("error", 1)]))).await;
    assert_eq!((code, text.contains("detail `error` is reserved")), (503, true), "{text}");
}

/// A value that cannot be serialized, with a secret in its error.
#[derive(Clone)]
struct Refuses;

impl Serialize for Refuses {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("hunter2 is not for readers"))
    }
}

#[tokio::test(start_paused = true)]
async fn k13_an_unserializable_detail_makes_the_check_down_and_hides_why() {
    type Made = fn() -> Outcome;
    let made: [(Made, &str, &str); 4] = [
        (|| Outcome::up().with("x", Refuses), "detail `x` cannot be serialized as JSON", "hunter2 is not for readers"),
        (
            || Outcome::degraded("slow").with("x", Refuses),
            "slow; detail `x` cannot be serialized as JSON",
            "hunter2 is not for readers",
        ),
        (|| Details(Refuses).into_outcome(), "details cannot be serialized as a JSON object", "hunter2 is not for readers"),
        (
            || Details("hunter2").into_outcome(),
            "details cannot be serialized as a JSON object",
            "invalid type: string \"hunter2\", expected a struct or a map at line 1 column 9",
        ),
    ];
    for (outcome, public, why) in made {
        let health = health([always(Kind::Readiness, "x", outcome)]);
        let report = health.report(Kind::Readiness).await;
        let check = report.check("x").unwrap();
        let full = format!("{public}: {why}");
        assert_eq!((check.error(), check.full_error()), (Some(public), Some(&*full)));
        assert!(!get(&health, "/readyz?verbose").await.1.contains("hunter2"));
    }
}
