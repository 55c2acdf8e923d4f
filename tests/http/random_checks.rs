//! Bodies of random checks in every format: each is valid, and none has the text of an error.

use std::future::ready;
use std::time::Duration;

use actix_web::{App, test as actix};
use health_runtime::kubernetes::Probes;
use health_runtime::{Check, Expose, Health, Kind, Outcome};
use health_tests::checks::{Caused, builder};
use health_tests::panics;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use crate::json_schemas::{FORMATS, validate};

/// Returns an error with a source for each further text.
fn caused(texts: &[String]) -> Caused {
    let [first, rest @ ..] = texts else { return Caused("the last".to_owned(), None) };
    Caused(first.clone(), if rest.is_empty() { None } else { Some(Box::new(caused(rest))) })
}

/// The behaviour of one check on each run.
#[derive(Debug, Clone)]
enum Does {
    Up,
    Degraded(String),
    Down(String),
    Fails(Vec<String>),
    Panics(String),
    Hangs,
}

fn check(index: usize, does: Does) -> Check {
    let run = move || {
        let does = does.clone();
        async move {
            match does {
                Does::Up => Ok(Outcome::up().with("observedValue", 42.5).with("observedUnit", "GB").with("output", "fine")),
                Does::Degraded(why) => Ok(Outcome::degraded(why).with("componentType", "datastore")),
                Does::Down(why) => Ok(Outcome::down(why).with("affectedEndpoints", ["/orders"])),
                Does::Fails(texts) => Err(caused(&texts)),
                Does::Panics(text) => {
                    panics::expect(text.as_str());
                    panic!("{text}")
                }
                Does::Hangs => std::future::pending().await,
            }
        }
    };
    Check::readiness(format!("check-{index}"), run).timeout(Duration::from_millis(10 + index as u64 % 2 * 2000))
}

fn all_paths() -> Vec<String> {
    let mut paths = Vec::new();
    for endpoint in ["/readyz", "/health", "/livez", "/readyz/check-0"] {
        for format in ["json", "health+json", "text", "html", "microprofile", "spring", "nonsense"] {
            for verbose in ["", "&verbose"] {
                paths.push(format!("{endpoint}?format={format}{verbose}"));
            }
        }
    }
    paths
}

/// Returns the path, headers and body of every response at a level.
async fn responses(health: &Health, level: Expose) -> Vec<(String, String, String)> {
    let app = actix::init_service(App::new().service(health.service().expose(level))).await;
    let mut responses = Vec::new();
    for path in all_paths() {
        let response = actix::call_service(&app, actix::TestRequest::with_uri(&path).to_request()).await;
        let head = format!("{} {:?}", response.status(), response.headers());
        responses.push((path, head, String::from_utf8(actix::read_body(response).await.to_vec()).unwrap()));
    }
    responses
}

fn run<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(future)
}

/// Returns other outputs of a health: a scrape with its headers, and the probes of Kubernetes.
async fn other_outputs(health: &Health) -> Vec<(String, String, String)> {
    let app = actix::init_service(App::new().service(health.metrics_service())).await;
    let response = actix::call_service(&app, actix::TestRequest::with_uri("/metrics").to_request()).await;
    let head = format!("{} {:?}", response.status(), response.headers());
    let metrics = String::from_utf8(actix::read_body(response).await.to_vec()).unwrap();
    let yaml = Probes::new(health, 8080).yaml().unwrap().to_string();
    vec![("metrics".to_owned(), head, metrics), ("YAML".to_owned(), String::new(), yaml)]
}

fn health_of(does: Vec<Does>) -> Health {
    let checks = does.into_iter().enumerate().map(|(index, does)| check(index, does));
    builder(checks).version("1.4.2").start().unwrap()
}

fn does(text: impl Strategy<Value = String> + Clone + 'static) -> impl Strategy<Value = Does> {
    prop_oneof![
        Just(Does::Up),
        text.clone().prop_map(Does::Degraded),
        text.clone().prop_map(Does::Down),
        vec(text.clone(), 1..4).prop_map(Does::Fails),
        text.prop_map(Does::Panics),
        Just(Does::Hangs),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn h10_every_body_validates_against_its_schema(does in vec(does(".{0,80}"), 1..6)) {
        let responses = run(async {
            let health = health_of(does);
            let mut all = responses(&health, Expose::Status).await;
            all.extend(responses(&health, Expose::Reasons).await);
            all.extend(responses(&health, Expose::Errors).await);
            all
        });
        for (path, head, body) in responses {
            if path.contains("format=text") && head.contains("text/plain") {
                prop_assert!(body.ends_with('\n') && !body.contains("\n\n"), "{}: {}", path, body);
                continue;
            }
            if head.contains("text/html") {
                let own = |tag: &str| body.matches(tag).count();
                prop_assert!(body.starts_with("<!doctype html>") && body.ends_with("</body></html>"), "{}: {}", path, body);
                prop_assert_eq!((own("<script"), own("<style"), own("<h1>"), own("<img")), (1, 1, 1, 0), "{}: {}", path, body);
                prop_assert!(!body.chars().any(|c| c.is_control() && c != '\n'), "{}: {}", path, body);
                continue;
            }
            let json: Value = serde_json::from_str(&body).map_err(|error| TestCaseError::fail(format!("{path}: {error}: {body}")))?;
            prop_assert!(body.starts_with(r#"{"status":"#) || body == r#"{"error":"not found"}"#, "{}: {}", path, body);
            let is_found = !head.starts_with("404");
            if let Some(format) = FORMATS.iter().find(|format| is_found && path.contains(&format!("format={format}"))) {
                let valid = validate(format, &json);
                prop_assert!(valid.is_ok(), "{}: {:?}: {}", path, valid, body);
            }
        }
    }

    /// Reasons of an `Outcome` are shown; the text of an `Err` or of a panic is hidden.
    #[test]
    fn r2_no_error_text_is_shown_at_reasons(
        secret in "[A-Za-z0-9]{12,24}",
        texts in vec("[ -~]{0,30}", 1..4),
        place in any::<prop::sample::Index>(),
    ) {
        let mut texts = texts;
        let place = place.index(texts.len());
        texts[place].push_str(&secret);
        let does = vec![Does::Fails(texts.clone()), Does::Panics(texts.concat()), Does::Fails(vec![texts.concat()])];
        let responses = run(async {
            let health = health_of(does);
            let mut all = responses(&health, Expose::Status).await;
            all.extend(responses(&health, Expose::Reasons).await);
            all.extend(other_outputs(&health).await);
            all
        });
        for (path, head, body) in responses {
            prop_assert!(!body.contains(&secret) && !head.contains(&secret), "{}: {} {}", path, head, body);
        }
    }

    #[test]
    fn r2_no_credential_is_shown_at_errors(
        user in "[a-z]{1,8}",
        secret in "[A-Za-z0-9!$%^*_+-]{12,24}",
        before in "[a-z ]{0,20}",
        key in prop::sample::select(vec!["password", "PASSWORD", "db_password", "pwd", "passwd", "token", "secret", "api_key"]),
        separator in prop::sample::select(vec!["=", ": ", " = ", ":"]),
    ) {
        let url = format!("{before} postgres://{user}:{secret}@db1/orders is gone");
        let pair = format!("{before} {key}{separator}{secret} host=db1");
        let does = vec![Does::Fails(vec![url.clone()]), Does::Fails(vec!["outer".to_owned(), pair.clone()]), Does::Down(url), Does::Degraded(pair)];
        let responses = run(async { responses(&health_of(does), Expose::Errors).await });
        for (path, head, body) in responses {
            prop_assert!(!body.contains(&secret) && !head.contains(&secret), "{}: {}", path, body);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn h10_a_body_has_the_fields_of_the_draft() {
    let checks = [
        Check::readiness("disk", || {
            ready(Outcome::up().with("componentType", "system").with("observedValue", 42.5).with("output", "x"))
        }),
        Check::readiness("orders", || ready(Outcome::down("gone").with("affectedEndpoints", ["/orders"]))),
        // Details whose keys the draft reserves keep their values under other keys.
        Check::readiness("other", || {
            let details = Outcome::down("gone").with("output", 7).with("time", "12 ms").with("links", 3).with("time_", 1);
            ready(details.with("affectedEndpoints", "/orders").with("observedUnit", [0]))
        }),
        Check::reported("unknown", Kind::Readiness),
    ];
    let health = builder(checks).version("1.4.2").start().unwrap();
    let app = actix::init_service(App::new().service(health.service())).await;
    let request = actix::TestRequest::with_uri("/readyz").insert_header(("accept", "application/health+json"));
    let response = actix::call_service(&app, request.to_request()).await;
    assert_eq!(response.headers().get("content-type").unwrap(), "application/health+json");
    let body: Value = serde_json::from_slice(&actix::read_body(response).await).unwrap();
    let mut expected: Value = serde_json::from_str(
        r#"{"status":"fail","version":"1.4.2","checks":{
            "disk":[{"status":"pass","componentType":"system","observedValue":42.5,"output_":"x"}],
            "orders":[{"status":"fail","affectedEndpoints":["/orders"],"output":"gone"}],
            "other":[{"status":"fail","output_":7,"time__":"12 ms","links_":3,"time_":1,"affectedEndpoints_":"/orders",
                "observedUnit_":[0],"output":"gone"}],
            "unknown":[{"status":"fail","output":"not run yet"}]}}"#,
    )
    .unwrap();
    assert_eq!(validate("health+json", &body), Ok(()), "{body}");
    for name in ["disk", "orders", "other"] {
        expected["checks"][name][0]["time"] = body["checks"][name][0]["time"].as_str().unwrap().into();
    }
    assert_eq!(body, expected);
}
