//! The formats of MicroProfile Health and of Spring Boot's Actuator, byte for byte.

use std::collections::BTreeMap;
use std::future::ready;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use health_runtime::{Check, Expose, Format, Health, HealthService, Kind, Outcome};
use serde_json::Value;

use health_tests::checks::{always, builder, down, health, up};
use health_tests::probe::{get, request, send};

use crate::json_schemas::validate;

fn assert_valid(format: &str, body: &str) {
    let json = serde_json::from_str(body).unwrap();
    assert_eq!(validate(format, &json), Ok(()), "{body}");
}

/// Returns a check for each kind of status.
fn every_status() -> [Check; 6] {
    [
        always(Kind::Readiness, "a", || {
            let nested = BTreeMap::from([("big", [1, 2])]);
            Outcome::up().with("free_gb", 42.5).with("on", true).with("by", "us").with("nested", nested).with("none", None::<u8>)
        }),
        always(Kind::Readiness, "b", || Outcome::down("gone").with("tries", 3)),
        down(Kind::Readiness, "c").critical(false),
        Check::readiness("d", || ready(Outcome::degraded("12s behind"))),
        Check::reported("e", Kind::Readiness),
        Check::reported("f", Kind::Liveness),
    ]
}

#[tokio::test(start_paused = true)]
async fn h11_microprofile_body_is_exact() {
    let (code, body) = get(&health(every_status()), "/health?format=microprofile").await;
    let expected = concat!(
        r#"{"status":"DOWN","checks":["#,
        r#"{"name":"a","status":"UP","data":{"latency_ms":0,"free_gb":42.5,"on":true,"by":"us","nested":"{\"big\":[1,2]}","none":"null"}},"#,
        r#"{"name":"b","status":"DOWN","data":{"latency_ms":0,"error":"gone","tries":3}},"#,
        r#"{"name":"c","status":"UP","data":{"status":"down","latency_ms":0,"error":"broken"}},"#,
        r#"{"name":"d","status":"UP","data":{"status":"degraded","latency_ms":0,"error":"12s behind"}},"#,
        r#"{"name":"e","status":"DOWN","data":{"status":"unknown","error":"not run yet"}},"#,
        r#"{"name":"f","status":"UP","data":{"status":"unknown","error":"not run yet"}}]}"#,
    );
    assert_eq!((code, body.as_str()), (503, expected));
    assert_valid("microprofile", &body);
}

#[tokio::test(start_paused = true)]
async fn h11_spring_body_is_exact() {
    let health = health(every_status());
    let (code, body) = get(&health, "/health?format=spring").await;
    let expected = concat!(
        r#"{"status":"DOWN","components":{"#,
        r#""a":{"status":"UP","details":{"latency_ms":0,"free_gb":42.5,"on":true,"by":"us","nested":{"big":[1,2]},"none":null}},"#,
        r#""b":{"status":"DOWN","details":{"latency_ms":0,"error":"gone","tries":3}},"#,
        r#""c":{"status":"DOWN","details":{"latency_ms":0,"error":"broken"}},"#,
        r#""d":{"status":"UP","details":{"status":"degraded","latency_ms":0,"error":"12s behind"}},"#,
        r#""e":{"status":"UNKNOWN","details":{"error":"not run yet"}},"#,
        r#""f":{"status":"UNKNOWN","details":{"error":"not run yet"}}},"#,
        r#""groups":["liveness","readiness","startup"]}"#,
    );
    assert_eq!((code, body.as_str()), (503, expected));
    assert_valid("spring", &body);

    // `groups` is only in the overall response, and a response of one check is one component.
    let expected = r#"{"status":"UP","components":{"f":{"status":"UNKNOWN","details":{"error":"not run yet"}}}}"#;
    assert_eq!(get(&health, "/livez?format=spring").await, (200, expected.to_owned()));
    let expected = r#"{"status":"DOWN","details":{"latency_ms":0,"error":"gone","tries":3}}"#;
    assert_eq!(get(&health, "/health/b?format=spring").await, (503, expected.to_owned()));
    assert_eq!(get(&health, "/health/b?format=spring&exclude=b").await, (200, r#"{"status":"UP"}"#.to_owned()));
    assert_eq!(get(&health, "/health/nope?format=spring").await, (404, r#"{"error":"not found"}"#.to_owned()));
}

#[tokio::test(start_paused = true)]
async fn h11_starting_and_draining_are_in_both_formats() {
    let entry = |reason: &str| format!(r#"{{"name":"service lifecycle","status":"DOWN","data":{{"reason":"{reason}"}}}}"#);
    let starting = health([down(Kind::Startup, "s"), Check::reported("r", Kind::Readiness)]);
    let r = r#"{"name":"r","status":"DOWN","data":{"status":"unknown","error":"not run yet"}}"#;
    let expected = format!(r#"{{"status":"DOWN","checks":[{},{r}]}}"#, entry("starting"));
    assert_eq!(get(&starting, "/readyz?format=microprofile").await, (503, expected));
    let expected = concat!(
        r#"{"status":"OUT_OF_SERVICE","description":"starting","components":"#,
        r#"{"r":{"status":"UNKNOWN","details":{"error":"not run yet"}}}}"#
    );
    assert_eq!(get(&starting, "/readyz?format=spring").await, (503, expected.to_owned()));

    let draining = health([up(Kind::Readiness, "r")]);
    draining.drain();
    let (code, body) = get(&draining, "/health?format=microprofile").await;
    let r = r#"{"name":"r","status":"UP","data":{"latency_ms":0}}"#;
    assert_eq!((code, body.clone()), (503, format!(r#"{{"status":"DOWN","checks":[{},{r}]}}"#, entry("draining"))));
    assert_valid("microprofile", &body);
    let (code, body) = get(&draining, "/health?format=spring").await;
    let expected = concat!(
        r#"{"status":"OUT_OF_SERVICE","description":"draining","components":"#,
        r#"{"r":{"status":"UP","details":{"latency_ms":0}}},"groups":["liveness","readiness","startup"]}"#
    );
    assert_eq!((code, body.as_str()), (503, expected));
    assert_valid("spring", &body);
    let alone = r#"{"status":"OUT_OF_SERVICE","details":{"status":"up","latency_ms":0}}"#;
    assert_eq!(get(&draining, "/readyz/r?format=spring").await, (503, alone.to_owned()), "its code is that of the response");
    assert_eq!(get(&draining, "/livez?format=microprofile").await, (200, r#"{"status":"UP","checks":[]}"#.to_owned()));
    assert_eq!(get(&draining, "/livez?format=spring").await, (200, r#"{"status":"UP","components":{}}"#.to_owned()));
}

#[tokio::test(start_paused = true)]
async fn h11_microprofile_stays_up_when_a_startup_check_fails_after_startup() {
    let first = std::sync::atomic::AtomicBool::new(true);
    let flips = move || {
        let is_first = first.swap(false, std::sync::atomic::Ordering::SeqCst);
        ready(if is_first { Outcome::up() } else { Outcome::down("late") })
    };
    let health = health([Check::startup("s", flips).and(Kind::Readiness).cache(std::time::Duration::ZERO)]);
    assert_eq!(get(&health, "/startupz?format=microprofile").await.0, 200);
    let late = r#"{"name":"s","status":"UP","data":{"status":"down","latency_ms":0,"error":"late"}}"#;
    let body = format!(r#"{{"status":"UP","checks":[{late}]}}"#);
    assert_eq!(get(&health, "/startupz?format=microprofile").await, (200, body));
    let late = r#"{"name":"s","status":"DOWN","data":{"latency_ms":0,"error":"late"}}"#;
    let body = format!(r#"{{"status":"DOWN","checks":[{late}]}}"#);
    assert_eq!(get(&health, "/readyz?format=microprofile").await, (503, body));
}

#[tokio::test(start_paused = true)]
async fn h10_an_unknown_startup_check_is_a_warning_after_startup() {
    let health = health([Check::reported("s", Kind::Startup).and(Kind::Readiness)]);
    let reporter = health.reporter("s").unwrap();
    reporter.up();
    assert_eq!(get(&health, "/startupz").await.0, 200);
    drop(reporter);
    for (path, code, status) in [("/startupz", 200, "warn"), ("/readyz", 503, "fail")] {
        let (got, body) = get(&health, &format!("{path}?format=health%2Bjson")).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((got, &body["status"], &body["checks"]["s"][0]["status"]), (code, &status.into(), &status.into()), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn h11_spring_groups_are_below_health() {
    let health = health([up(Kind::Liveness, "l"), down(Kind::Readiness, "r"), up(Kind::Startup, "startup")]);
    let components = |name: &str| format!(r#""components":{{"{name}":{{"status":"UP","details":{{"latency_ms":0}}}}}}"#);
    let live = (200, format!(r#"{{"status":"UP",{}}}"#, components("l")));
    assert_eq!(get(&health, "/health/liveness?format=spring").await, live);
    assert_eq!(get(&health, "/healthz/liveness?format=spring").await, live);
    assert_eq!(get(&health, "/livez?format=spring").await, live);
    let ready = get(&health, "/readyz?format=spring").await;
    assert_eq!((ready.0, get(&health, "/health/readiness?format=spring").await), (503, ready));
    let of_the_name = (200, r#"{"status":"UP","details":{"latency_ms":0}}"#.to_owned());
    assert_eq!(get(&health, "/health/startup?format=spring").await, of_the_name);
    for path in ["/health/liveness", "/health/liveness?format=microprofile", "/readyz/liveness?format=spring"] {
        assert_eq!(get(&health, path).await, (404, r#"{"error":"not found"}"#.to_owned()), "{path}");
    }
    let hidden: fn(HealthService) -> HealthService = |service| service.expose(Expose::Status);
    assert_eq!(response(&health, hidden, "/health/liveness?format=spring", "*/*").await.0, 404);
}

/// Returns the status code, the content type and the body of a `GET`.
async fn response(health: &Health, edit: fn(HealthService) -> HealthService, path: &str, accept: &str) -> (u16, String, String) {
    let request = TestRequest::with_uri(path).insert_header(("accept", accept));
    let response = send(edit(health.service()), request).await;
    (response.code, response.header("content-type").unwrap().to_owned(), response.body)
}

#[tokio::test(start_paused = true)]
async fn h11_only_the_query_or_the_default_selects_these_formats() {
    let health = health([up(Kind::Readiness, "r")]);
    let json = "application/json".to_owned();
    let own = r#"{"status":"healthy","checks":{"r":{"status":"up","latency_ms":0}},"uptime_seconds":0}"#;
    let spring = r#"{"status":"UP","components":{"r":{"status":"UP","details":{"latency_ms":0}}}}"#;
    let micro = r#"{"status":"UP","checks":[{"name":"r","status":"UP","data":{"latency_ms":0}}]}"#;
    // Spring Boot Admin sends these.
    let consoles = "application/vnd.spring-boot.actuator.v3+json, application/vnd.spring-boot.actuator.v2+json, application/json";
    for accept in ["*/*", "application/json", consoles, "image/png"] {
        for (edit, path, expected) in [
            ((|service| service) as fn(HealthService) -> HealthService, "/readyz", own),
            (|service| service, "/readyz?format=spring", spring),
            (|service| service, "/readyz?format=microprofile", micro),
            (|service| service.format(Format::Spring), "/readyz", spring),
            (|service| service.format(Format::MicroProfile), "/readyz", micro),
            (|service| service.format(Format::MicroProfile), "/readyz?format=json", own),
        ] {
            let got = response(&health, edit, path, accept).await;
            assert_eq!(got, (200, json.clone(), expected.to_owned()), "{path} as {accept}");
        }
    }
    let (_, content_type, body) = response(&health, |service| service.format(Format::Spring), "/readyz", "text/plain").await;
    assert_eq!((content_type.as_str(), body.as_str()), ("text/plain; charset=utf-8", "healthy\n"));
}

#[tokio::test(start_paused = true)]
async fn h11_expose_applies_to_both_formats() {
    let failing = || ready(Err::<(), _>(std::io::Error::other("secret table is locked")));
    let health = health([Check::readiness("r", failing)]);
    health.drain();
    let hidden: fn(HealthService) -> HealthService = |service| service.expose(Expose::Status);
    let open: fn(HealthService) -> HealthService = |service| service.expose(Expose::Errors);
    for (path, expected) in [
        ("/health?format=microprofile&verbose", (503, r#"{"status":"DOWN","checks":[]}"#)),
        ("/health?format=spring&verbose", (503, r#"{"status":"DOWN"}"#)),
        ("/health/r?format=spring", (404, r#"{"error":"not found"}"#)),
    ] {
        let (code, _, body) = response(&health, hidden, path, "*/*").await;
        assert_eq!((code, body.as_str()), expected, "{path}");
    }
    for path in ["/health?format=microprofile", "/health?format=spring"] {
        let (_, _, by_default) = response(&health, |service| service, path, "*/*").await;
        assert!(by_default.contains("check failed") && !by_default.contains("secret"), "{by_default}");
        let (_, _, all) = response(&health, open, path, "*/*").await;
        assert!(all.contains("secret table is locked"), "{all}");
    }
}

#[tokio::test(start_paused = true)]
async fn h6_a_body_in_these_formats_has_at_most_8192_bytes() {
    let health = health((0..200).map(|i| {
        let run = move || ready(if i % 2 == 0 { Outcome::up() } else { Outcome::down("€".repeat(500)) }.with("weight", i));
        Check::readiness(format!("check-{i:03}"), run)
    }));
    for format in ["microprofile", "spring"] {
        let (code, text) = get(&health, &format!("/health?format={format}")).await;
        assert!(code == 503 && (8000..=8192).contains(&text.len()), "{} bytes of {format}", text.len());
        assert!(text.contains(&format!("\"error\":\"{}…\"", "€".repeat(21))) && !text.contains("weight"), "{text}");
        assert!(text.contains("check-001") && !text.contains("check-000"), "what is up goes first: {text}");
        assert_valid(format, &text);
        let (_, verbose) = get(&health, &format!("/health?format={format}&verbose")).await;
        assert_eq!(verbose.matches("\"weight\":").count(), 200);
    }
    // A component that is too long is left out, but its status remains.
    let long = always(Kind::Readiness, "long", || Outcome::up().with("text", "x".repeat(9000)));
    let health = builder([long]).start().unwrap();
    assert_eq!(get(&health, "/health/long?format=spring").await, (200, r#"{"status":"UP"}"#.to_owned()));
}

#[tokio::test(start_paused = true)]
async fn h7_special_characters_are_escaped_in_these_formats() {
    const ODD: &str = "\"<b>&amp;'\n[+]fake ok\r\u{1b}[31m\u{0}\u{2028}🦀 \u{202e}txet";
    let health = health([Check::readiness("odd", || ready(Outcome::down(ODD).with("detail", ODD).with("nested", [ODD])))]);
    let body = async |format: &str| {
        let text = request(&health, Method::GET, &format!("/readyz?format={format}")).await.body;
        assert!(!text.bytes().any(|byte| byte < 0x20), "{text}");
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let (micro, spring) = (body("microprofile").await, body("spring").await);
    let data = &micro["checks"][0]["data"];
    let details = &spring["components"]["odd"]["details"];
    for said in [data, details] {
        assert_eq!((&said["error"], &said["detail"]), (&ODD.into(), &ODD.into()));
    }
    let nested: Value = serde_json::from_str(data["nested"].as_str().unwrap()).unwrap();
    assert_eq!((&nested, &details["nested"]), (&Value::from(vec![ODD]), &Value::from(vec![ODD])));
}
