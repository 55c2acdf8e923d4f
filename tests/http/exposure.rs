//! Expose levels, tags, exclusions and `verbose`.

use std::future::ready;
use std::io;
use std::time::Duration;

use actix_web::{App, test};
use health_runtime::{Check, Expose, Health, HealthService, Kind, Outcome, ProbeRequest};
use serde_json::Value;
use tokio::time::{advance, sleep};

use health_tests::checks::{Caused, Runs, builder, down, health, up};
use health_tests::probe::send;

/// Returns the response of a service with these options.
async fn probe(health: &Health, options: impl Fn(HealthService) -> HealthService, path: &str) -> (u16, String) {
    probe_as(health, options, path, "anonymous").await
}

async fn probe_as(health: &Health, options: impl Fn(HealthService) -> HealthService, path: &str, who: &str) -> (u16, String) {
    let response = send(options(health.service()), test::TestRequest::with_uri(path).insert_header(("x-who", who))).await;
    (response.code, response.body)
}

fn failing(text: &'static str) -> Check {
    Check::readiness("orders", move || ready(Err::<(), _>(text)))
}

#[tokio::test(start_paused = true)]
async fn h8_two_expose_levels_share_one_run() {
    let runs = Runs::default();
    let counted = runs.clone();
    let check = Check::readiness("orders", move || {
        let _run = counted.start();
        ready(Err::<(), _>("table orders is gone from postgres://app:hunter2@db1"))
    });
    let health = builder([check, up(Kind::Liveness, "loop")]).version("1.4.2").start().unwrap();
    let is_operator = |request: &ProbeRequest<'_>| request.header("x-who") == Some("operator");
    let options = |service: HealthService| service.expose(Expose::Status).expose_when(is_operator, Expose::Errors);
    let closed = (503, r#"{"status":"unhealthy"}"#.to_owned());
    for path in ["/readyz", "/readyz?verbose", "/readyz?exclude=orders", "/health", "/readyz?format=health+json"] {
        let (code, text) = probe_as(&health, options, path, "anonymous").await;
        assert_eq!(code, 503, "{path}");
        assert!(!text.contains("orders") && !text.contains("1.4.2") && !text.contains("loop"), "{path}: {text}");
    }
    assert_eq!(probe_as(&health, options, "/readyz?verbose", "anonymous").await, closed);
    let text = (503, "unhealthy\n".to_owned());
    assert_eq!(probe_as(&health, options, "/readyz?verbose&format=text", "anonymous").await, text);
    let not_found = (404, r#"{"error":"not found"}"#.to_owned());
    for path in ["/readyz/orders", "/readyz?tag=db", "/health/loop"] {
        assert_eq!(probe_as(&health, options, path, "anonymous").await, not_found, "{path}");
    }

    let (code, text) = probe_as(&health, options, "/readyz", "operator").await;
    let error = r#""error":"check failed","cause":"table orders is gone from postgres://***@db1""#;
    assert_eq!((code, text.contains(error)), (503, true), "{text}");
    assert_eq!(runs.started(), 1, "the levels share it");

    let mounts = App::new()
        .service(health.service().expose(Expose::Status))
        .service(health.service().prefix("/internal").expose(Expose::Errors));
    let app = test::init_service(mounts).await;
    for (path, secret) in [("/readyz", false), ("/internal/readyz", true)] {
        let response = test::call_service(&app, test::TestRequest::with_uri(path).to_request()).await;
        assert_eq!(response.status().as_u16(), 503, "{path}");
        let body = test::read_body(response).await;
        assert_eq!(String::from_utf8_lossy(&body).contains("orders"), secret, "{path}");
    }
    assert_eq!(runs.started(), 1, "and so do two mounts");
}

#[tokio::test(start_paused = true)]
async fn cached_responses_of_two_levels_are_kept_apart() {
    let health = health([failing("table orders is gone")]);
    let is_operator = |request: &ProbeRequest<'_>| request.header("x-who") == Some("operator");
    let service = health.service().expose(Expose::Status).expose_when(is_operator, Expose::Errors);
    let app = test::init_service(App::new().service(service)).await;
    for _ in 0..3 {
        for (who, secret) in [("anonymous", false), ("operator", true)] {
            let request = test::TestRequest::with_uri("/readyz").insert_header(("x-who", who)).to_request();
            let body = test::call_and_read_body(&app, request).await;
            assert_eq!(String::from_utf8_lossy(&body).contains("orders"), secret, "{who}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn s13_exclude_affects_one_response() {
    let runs = Runs::default();
    let counted = runs.clone();
    let check = Check::readiness("orders", move || {
        let _run = counted.start();
        ready(Err::<(), _>("no"))
    });
    let health = health([check, up(Kind::Readiness, "queue")]);
    let same = |service: HealthService| service;
    let queue = r#"{"status":"healthy","checks":{"queue":{"status":"up","latency_ms":0}},"uptime_seconds":0}"#;
    assert_eq!(probe(&health, same, "/readyz?exclude=orders").await, (200, queue.to_owned()));
    assert_eq!(runs.started(), 0, "it is not run for nothing");
    assert_eq!(probe(&health, same, "/readyz").await.0, 503);
    assert_eq!(probe(&health, same, "/readyz?exclude=orders&exclude=queue").await.0, 200);
    assert_eq!(probe(&health, same, "/readyz?exclude=ORDERS&exclude=nope").await.0, 503, "no check has these names");
    assert_eq!(probe(&health, same, "/readyz").await.0, 503);
    let deaf = |service: HealthService| service.allow_exclude(false);
    assert_eq!(probe(&health, deaf, "/readyz?exclude=orders").await.0, 503);
}

#[tokio::test(start_paused = true)]
async fn thousands_of_excluded_names_change_only_their_checks() {
    let health = health([down(Kind::Readiness, "orders"), up(Kind::Readiness, "queue")]);
    let same = |service: HealthService| service;
    let unknown = (0..2_000).map(|index| format!("&exclude=n{index}")).collect::<Vec<_>>().concat();
    let tags = (0..2_000).map(|index| format!("&tag=t{index}")).collect::<Vec<_>>().concat();
    let queue = r#"{"status":"healthy","checks":{"queue":{"status":"up","latency_ms":0}},"uptime_seconds":0}"#;
    assert_eq!(probe(&health, same, &format!("/readyz?{unknown}&exclude=orders{unknown}")).await, (200, queue.to_owned()));
    assert_eq!(probe(&health, same, &format!("/readyz?{unknown}")).await.0, 503);
    assert_eq!(probe(&health, same, &format!("/readyz?{tags}")).await.0, 404);
    let (_, text) = probe(&health, same, "/readyz?verbose&format=text&exclude=b&exclude=orders&exclude=a&exclude=b").await;
    let warning = r#"warn: some health checks cannot be excluded: no matches for "a","b""#;
    assert_eq!(text, format!("[+]orders excluded: ok\n[+]queue ok\n{warning}\nreadyz check passed\n"));
}

#[tokio::test(start_paused = true)]
async fn a_tag_selects_checks() {
    let health = health([
        down(Kind::Readiness, "orders").tags(["db", "core"]),
        up(Kind::Liveness, "pool").tags(["db"]),
        up(Kind::Readiness, "queue"),
    ]);
    let same = |service: HealthService| service;
    for (path, code, names) in [
        ("/health?tag=db", 503, vec!["orders", "pool"]),
        ("/readyz?tag=db", 503, vec!["orders"]),
        ("/livez?tag=db", 200, vec!["pool"]),
        ("/livez?tag=core", 200, vec![]),
        ("/health?tag=core&tag=db", 503, vec!["orders", "pool"]),
        ("/readyz/orders?tag=core", 503, vec!["orders"]),
    ] {
        let (got, text) = probe(&health, same, path).await;
        let body: Value = serde_json::from_str(&text).unwrap();
        let shown: Vec<&str> = body["checks"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!((got, shown), (code, names), "{path}");
    }
    for path in ["/health?tag=nope", "/readyz?tag=", "/readyz?tag=DB", "/readyz/queue?tag=db"] {
        assert_eq!(probe(&health, same, path).await, (404, r#"{"error":"not found"}"#.to_owned()), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn verbose_adds_policy_and_history() {
    let check = Check::readiness("lag", || async {
        sleep(Duration::from_micros(1500)).await;
        Outcome::degraded("12s behind").with("seconds", 12)
    });
    let check = check.and(Kind::Liveness).tags(["queue"]).description("How far the consumer is behind.");
    let health = builder([check.timeout(Duration::from_millis(500)), down(Kind::Readiness, "z")]).start().unwrap();
    let same = |service: HealthService| service;
    probe(&health, same, "/health").await;
    advance(Duration::from_millis(250)).await;
    let (_, text) = probe(&health, same, "/health?verbose").await;
    let before = text.split(r#""checked_at""#).next().unwrap();
    // tokio's timers count whole milliseconds.
    let expected = concat!(
        r#"{"status":"unhealthy","checks":{"lag":{"status":"degraded","latency_ms":2,"error":"12s behind","seconds":12,"#,
        r#""kinds":["liveness","readiness"],"critical":true,"description":"How far the consumer is behind.","tags":["queue"],"#
    );
    assert_eq!(before, expected);
    let body: Value = serde_json::from_str(&text).unwrap();
    let lag = &body["checks"]["lag"];
    for key in ["checked_at", "since"] {
        let moment = lag[key].as_str().unwrap();
        assert!(moment.len() == 24 && moment.ends_with('Z') && &moment[10..11] == "T", "{moment}");
    }
    assert_eq!(lag["since"], lag["checked_at"], "it changed when its first run finished");
    assert_eq!((&lag["age_ms"], &lag["timeout_ms"]), (&Value::from(250), &Value::from(500)));
    assert_eq!((&lag["consecutive_failures"], &lag["transitions"]), (&Value::from(0), &Value::from(1)));
    assert_eq!(body["checks"]["z"]["consecutive_failures"], 1);
    let error_id = body["checks"]["z"]["error_id"].as_str().unwrap();
    assert!(error_id.len() == 16 && error_id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{error_id}");
}

#[tokio::test(start_paused = true)]
async fn r2_error_texts_are_hidden_below_errors() {
    let health = health([Check::readiness("x", || ready(Err::<(), _>("password=hunter2 host=pg-1")))]);
    let same = |service: HealthService| service;
    for path in
        ["/readyz", "/readyz?verbose", "/readyz/x?verbose", "/health?format=text&verbose", "/readyz?format=health+json&verbose"]
    {
        let (_, text) = probe(&health, same, path).await;
        assert!(!text.contains("hunter2") && !text.contains("pg-1"), "{path}: {text}");
        assert!(text.contains("check failed") || text.contains("readyz check failed"), "{path}: {text}");
    }
    let errors = |service: HealthService| service.expose(Expose::Errors);
    let (_, text) = probe(&health, errors, "/readyz").await;
    assert!(text.contains(r#""error":"check failed","cause":"password=*** host=pg-1""#), "{text}");
}

#[tokio::test(start_paused = true)]
async fn errors_keep_the_public_class_and_add_the_cause_in_every_format() {
    let refused = || Caused("cannot connect to pg-1".to_owned(), Some(io::Error::from(io::ErrorKind::ConnectionRefused).into()));
    let health = health([
        Check::readiness("a", move || ready(Err::<(), _>(refused()))),
        Check::readiness("b", || ready(Outcome::down("queue is full").with("size", 3))),
        Check::readiness("c", || ready(Err::<(), _>("no rows\n"))).critical(false),
    ]);
    let errors = |service: HealthService| service.expose(Expose::Errors);
    let cause = "cannot connect to pg-1: connection refused";
    let (_, text) = probe(&health, errors, "/readyz").await;
    let b = r#""b":{"status":"down","latency_ms":0,"error":"queue is full","size":3},"#;
    let c = r#""c":{"status":"down","latency_ms":0,"error":"check failed","cause":"no rows\n"}},"uptime_seconds":0}"#;
    let a = format!(r#""a":{{"status":"down","latency_ms":0,"error":"connection refused","cause":"{cause}"}},"#);
    assert_eq!(text, format!(r#"{{"status":"unhealthy","checks":{{{a}{b}{c}"#));

    let (_, text) = probe(&health, errors, "/readyz?format=text&verbose").await;
    let lines = [
        "[-]a failed: connection refused: cannot connect to pg-1: connection refused",
        "[-]b failed: queue is full",
        "[-]c failed: check failed: no rows\\n",
        "readyz check failed\n",
    ];
    assert_eq!(text, lines.join("\n"));

    let (_, text) = probe(&health, errors, "/readyz/a?format=health+json").await;
    let entry: Value = serde_json::from_str(&text).unwrap();
    let entry = &entry["checks"]["a"][0];
    assert_eq!((&entry["output"], &entry["cause"]), (&Value::from("connection refused"), &Value::from(cause)));

    let nested = format!(r#""error":"connection refused","cause":"{cause}""#);
    let (_, text) = probe(&health, errors, "/readyz/a?format=spring").await;
    assert_eq!(text, format!(r#"{{"status":"DOWN","details":{{"latency_ms":0,{nested}}}}}"#));
    let (_, text) = probe(&health, errors, "/readyz/a?format=microprofile").await;
    let entry = format!(r#"{{"name":"a","status":"DOWN","data":{{"latency_ms":0,{nested}}}}}"#);
    assert_eq!(text, format!(r#"{{"status":"DOWN","checks":[{entry}]}}"#));

    let (_, page) = probe(&health, errors, "/readyz/a?format=html").await;
    let shown = |text| format!(r#"<p class="reason"><bdi>{text}</bdi></p>"#);
    assert!(page.contains(&format!("{}{}", shown("connection refused"), shown(cause))), "{page}");

    for path in ["/readyz", "/readyz?verbose", "/readyz/c"] {
        for format in ["json", "text", "health+json", "spring", "microprofile", "html"] {
            let query = if path.contains('?') { "&" } else { "?" };
            let (_, text) = probe(&health, |service| service, &format!("{path}{query}format={format}")).await;
            assert!(!text.contains("cause\"") && !text.contains("pg-1") && !text.contains("no rows"), "{path} {format}: {text}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_too_long_cuts_each_cause() {
    let text = "ä".repeat(100);
    let failing = |index| {
        let text = text.clone();
        Check::readiness(format!("check-{index:02}"), move || ready(Err::<(), _>(text.clone())))
    };
    let health = health((0..50).map(failing));
    let (_, text) = probe(&health, |service| service.expose(Expose::Errors), "/readyz").await;
    assert!(text.len() <= 8192, "{}", text.len());
    let body: Value = serde_json::from_str(&text).unwrap();
    let entry = &body["checks"]["check-00"];
    assert_eq!((&entry["error"], &entry["cause"]), (&Value::from("check failed"), &Value::from(format!("{}…", "ä".repeat(32)))));
}
