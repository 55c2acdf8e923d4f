//! The endpoints in the OpenAPI document of an application, compared with their responses.

use std::collections::BTreeSet;
use std::future::ready;

use actix_web::test::TestRequest;
use boon::{Compiler, SchemaIndex, Schemas};
use health_runtime::openapi::HealthApi;
use health_runtime::{Check, Expose, Health, HealthService, Kind, Outcome};
use health_tests::checks::builder;
use health_tests::probe::send;
use serde_json::{Value, json};
use utoipa::OpenApi as _;
use utoipa::openapi::{Info, OpenApi, Paths};

/// Returns the document of an application with this service.
fn document(of_service: OpenApi) -> Value {
    let application = OpenApi::new(Info::new("orders", "1.4.2"), Paths::new());
    serde_json::to_value(application.merge_from(of_service)).unwrap()
}

fn paths(document: &Value) -> BTreeSet<&str> {
    document["paths"].as_object().unwrap().keys().map(String::as_str).collect()
}

fn parameters<'d>(document: &'d Value, path: &str) -> BTreeSet<&'d str> {
    let operation = &document["paths"][path]["get"];
    operation["parameters"].as_array().unwrap().iter().map(|parameter| parameter["name"].as_str().unwrap()).collect()
}

/// Compiles the schema at a JSON pointer of the document, with its references.
fn schema(document: &Value, pointer: &str) -> (Schemas, SchemaIndex) {
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.enable_format_assertions();
    compiler.add_resource("http://localhost/openapi.json", document.clone()).unwrap();
    let index = compiler.compile(&format!("http://localhost/openapi.json#{pointer}"), &mut schemas).unwrap();
    (schemas, index)
}

fn health() -> Health {
    let checks = [
        Check::readiness("a", || ready(Outcome::up().with("free_gb", 42.5))).tags(["db"]).description("It is there"),
        Check::readiness("b", || ready(Outcome::degraded("slow"))).and(Kind::Liveness),
        Check::readiness("c", || ready(Outcome::down("gone"))),
        Check::reported("d", Kind::Liveness),
        Check::startup("e", || async {}),
    ];
    builder(checks).version("1.4.2").start().unwrap()
}

async fn get(service: HealthService, path: &str) -> (u16, Value) {
    let response = send(service, TestRequest::with_uri(path)).await;
    (response.code, serde_json::from_str(&response.body).unwrap())
}

#[tokio::test(start_paused = true)]
async fn every_default_path_and_each_check_is_documented() {
    let expected: BTreeSet<&str> = [
        "/health",
        "/health/{check}",
        "/healthz",
        "/healthz/{check}",
        "/livez",
        "/livez/{check}",
        "/readyz",
        "/readyz/{check}",
        "/startupz",
        "/startupz/{check}",
    ]
    .into();
    let derived = document(HealthApi::openapi());
    assert_eq!(paths(&derived), expected);
    assert_eq!(derived, document(health().service().openapi()));
    assert_eq!(derived["info"]["title"], "orders");

    let mut ids = BTreeSet::new();
    for path in expected {
        let operation = &derived["paths"][path]["get"];
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{path}");
        let codes: Vec<&String> = operation["responses"].as_object().unwrap().keys().collect();
        assert_eq!(codes, ["200", "404", "405", "503"]);
        let mut names = BTreeSet::from(["exclude", "format", "tag", "verbose"]);
        names.extend(path.contains("{check}").then_some("check"));
        assert_eq!(parameters(&derived, path), names);
    }
}

#[tokio::test(start_paused = true)]
async fn paths_and_parameters_follow_the_service_options() {
    let health = health();
    let moved = health.service().prefix("/internal").path(Kind::Liveness, "/health/live").allow_exclude(false);
    let moved = document(moved.openapi());
    let expected = ["/internal/health/live", "/internal/health/live/{check}", "/internal/readyz"];
    assert!(expected.iter().all(|path| paths(&moved).contains(path)), "{:?}", paths(&moved));
    assert!(!paths(&moved).contains("/internal/livez") && paths(&moved).len() == 10);
    assert_eq!(parameters(&moved, "/internal/readyz"), ["format", "tag", "verbose"].into());

    let closed = document(health.service().expose(Expose::Status).openapi());
    assert_eq!(paths(&closed), ["/health", "/healthz", "/livez", "/readyz", "/startupz"].into());
    assert_eq!(parameters(&closed, "/readyz"), ["format"].into());
    let operators = health.service().expose(Expose::Status).expose_when(|request| request.method() == "GET", Expose::Errors);
    assert_eq!(document(operators.openapi()), document(health.service().openapi()));
}

#[tokio::test(start_paused = true)]
async fn responses_validate_against_the_schema_of_their_path() {
    let health = health();
    let document = document(health.service().openapi());
    let report = &document["components"]["schemas"];
    let known = |schema: &str, key: &String| report[schema]["properties"].get(key).is_some();
    for (path, code, template) in [
        ("/readyz", 503, "/readyz"),
        ("/livez?verbose", 200, "/livez"),
        ("/health?verbose", 503, "/health"),
        ("/health?tag=db", 200, "/health"),
        ("/startupz", 200, "/startupz"),
        ("/readyz/a?verbose", 200, "/readyz/{check}"),
        ("/readyz/nope", 404, "/readyz/{check}"),
        ("/readyz?tag=nope", 404, "/readyz"),
    ] {
        let (got, body) = get(health.service(), path).await;
        assert_eq!(got, code, "{path}");
        let template = template.replace('/', "~1");
        let media = "content/application~1json/schema";
        let (schemas, index) = schema(&document, &format!("/paths/{template}/get/responses/{code}/{media}"));
        let valid = schemas.validate(&body, index);
        assert!(valid.is_ok(), "{path}: {}: {body}", valid.unwrap_err());
        // An open schema accepts any key, so each key is compared with the listed ones.
        if code != 404 {
            assert!(body.as_object().unwrap().keys().all(|key| known("HealthReport", key)), "{body}");
            let entries = body["checks"].as_object().unwrap().values();
            let mut keys = entries.flat_map(|entry| entry.as_object().unwrap().keys());
            assert!(keys.all(|key| known("HealthCheckReport", key) || key == "free_gb"), "{body}");
        }
    }
    let (schemas, index) = schema(&document, "/components/schemas/HealthReport");
    for reason in ["starting", "draining", "maintenance: reindex"] {
        assert!(schemas.validate(&json!({"status": "unhealthy", "reason": reason}), index).is_ok(), "{reason}");
    }
    for wrong in [
        json!({}),
        json!({"status": "UP"}),
        json!({"status": "healthy", "reason": "asleep"}),
        json!({"status": "healthy", "uptime_seconds": -1}),
        json!({"status": "healthy", "checks": {"a": {"status": "healthy"}}}),
        json!({"status": "healthy", "checks": {"a b": {"status": "up"}}}),
        json!({"status": "healthy", "checks": {"a": {"status": "up", "since": "yesterday"}}}),
    ] {
        assert!(schemas.validate(&wrong, index).is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn every_format_is_documented() {
    let document = document(HealthApi::openapi());
    let operation = &document["paths"]["/readyz"]["get"];
    let format = operation["parameters"].as_array().unwrap().iter().find(|parameter| parameter["name"] == "format").unwrap();
    let names: BTreeSet<&str> = format["schema"]["enum"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(names.is_superset(&["json", "health+json", "text", "microprofile", "spring"].into()), "{names:?}");
    let bodies = operation["responses"]["200"]["content"].as_object().unwrap();
    for media_type in ["application/json", "application/health+json", "text/plain"] {
        assert!(bodies.contains_key(media_type), "{media_type}");
    }
}
