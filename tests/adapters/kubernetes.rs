//! The probes and pod settings for Kubernetes, validated by its schemas with `kubernetes-validate`, and the endpoints they name.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::LazyLock;
use std::time::Duration;

use actix_web::App;
use actix_web::test::{TestRequest, call_service, init_service};
use health_runtime::kubernetes::{Probes, Yaml};
use health_runtime::{Check, Kind};
use health_tests::checks::builder;
use health_tests::folder::Folder;
use health_tests::program;

/// The versions of Kubernetes whose schemas come with `kubernetes-validate` 1.37.0: the oldest and the newest.
const VERSIONS: [&str; 2] = ["1.25", "1.37"];

static EXAMPLE: LazyLock<PathBuf> = LazyLock::new(|| program::build("health-examples", "kubernetes"));

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// Returns a deployment of one container whose port is called `http`.
fn deployment(yaml: &Yaml) -> String {
    let (pod, container) = (yaml.pod(6), yaml.container(10));
    format!(
        "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
spec:
  selector:
    matchLabels:
      app: orders
  template:
    metadata:
      labels:
        app: orders
    spec:
{pod}      containers:
        - name: orders
          image: registry.example/orders:1.4.2
          ports:
            - name: http
              containerPort: 8080
{container}"
    )
}

fn kubernetes_validate(version: &str, text: &str) -> Output {
    let folder = Folder::new();
    let file = folder.path().join("manifest.yaml");
    std::fs::write(&file, text).unwrap();
    // The package contains the schemas, so nothing is fetched: every proxy is a closed port.
    let nowhere = ["http_proxy", "https_proxy", "all_proxy"].map(|name| (name, "http://127.0.0.1:9"));
    let output = Command::new("kubernetes-validate").envs(nowhere).args(["--strict", "-k", version]).arg(&file).output();
    output.unwrap_or_else(|error| match error.kind() {
        ErrorKind::NotFound => panic!(
            "`kubernetes-validate` is not on the PATH; run `tests/all`, which installs it, or `python3 -m venv target/python && \
             target/python/bin/pip install kubernetes-validate==1.37.0`, and put `target/python/bin` on the PATH"
        ),
        _ => panic!("`kubernetes-validate` cannot be run: {error}"),
    })
}

/// Asserts that each resource is listed as passed: a resource without a schema is only a warning.
#[track_caller]
fn accepted(text: &str, resources: &[&str]) {
    for version in VERSIONS {
        let output = kubernetes_validate(version, text);
        let output_text = String::from_utf8_lossy(&output.stdout);
        let passed: Vec<&str> = output_text.lines().filter_map(|line| line.split(" passed for resource ").nth(1)).collect();
        let expected: Vec<String> = resources.iter().map(|resource| format!("{resource} against version {version}")).collect();
        assert!(
            output.status.success() && passed == expected,
            "{output_text}{}\n{text}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[track_caller]
fn accepted_in_a_deployment(probes: &Probes) -> String {
    let text = deployment(&probes.yaml().unwrap());
    accepted(&text, &["deployment/orders"]);
    text
}

#[actix_web::test]
async fn a_health_without_checks_is_valid() {
    let health = builder([]).start().unwrap();
    accepted_in_a_deployment(&Probes::new(&health, 8080));
}

#[actix_web::test]
async fn liveness_checks_alone_are_valid() {
    let health = builder([]).check(Check::liveness("heartbeat", || async {})).start().unwrap();
    accepted_in_a_deployment(&Probes::new(&health, 1).https());
}

#[actix_web::test]
async fn many_checks_of_all_kinds_are_valid() {
    let mut all = builder([])
        .check(Check::liveness("heartbeat", || async {}).and(Kind::Startup).description("a: b # \"c\"\n- d"))
        .check(Check::startup("migration", || async { Err::<(), _>("x: y\n# z") }))
        .check(Check::reported("stream", Kind::Readiness).critical(false));
    for shard in 0..200 {
        all = all.check(Check::readiness(format!("shard_{shard}.eu-{shard}"), || async {}).interval(seconds(30)));
    }
    let health = all.start().unwrap();
    health.report(Kind::Startup).await;
    let text = accepted_in_a_deployment(&Probes::new(&health, u16::MAX).startup_budget(seconds(600)));
    assert!(!text.contains("\"c\"") && !text.contains("x: y"), "{text}");
}

#[actix_web::test]
async fn a_long_deadline_and_drain_delay_are_valid() {
    let health = builder([])
        .deadline(Duration::new(86_400, 0))
        .drain_delay(Duration::new(3_600, 1))
        .check(Check::startup("import", || async {}).timeout(seconds(3_600)).interval(seconds(86_400)))
        .start()
        .unwrap();
    accepted_in_a_deployment(&Probes::new(&health, 8080).shutdown_timeout(86_400));
}

#[actix_web::test]
async fn custom_paths_and_a_named_port_match_the_endpoints() {
    let health = builder([]).check(Check::readiness("database", || async {})).start().unwrap();
    let probes =
        Probes::new(&health, "http").at("internal/").path(Kind::Liveness, "health/live").path(Kind::Startup, "/~(up)@1!");
    let text = accepted_in_a_deployment(&probes.period(Kind::Liveness, seconds(30)));

    let service = health.service().prefix("internal/").path(Kind::Liveness, "health/live").path(Kind::Startup, "/~(up)@1!");
    let app = init_service(App::new().service(service)).await;
    let paths: Vec<&str> = text.lines().filter_map(|line| line.trim().strip_prefix("path: \"")?.strip_suffix('"')).collect();
    assert_eq!(paths, ["/internal/health/live", "/internal/readyz", "/internal/~(up)@1!"]);
    for path in paths {
        let response = call_service(&app, TestRequest::with_uri(path).to_request()).await;
        assert_eq!(response.status(), 200, "{path}");
    }
}

#[actix_web::test]
async fn unknown_fields_are_rejected() {
    let health = builder([]).start().unwrap();
    let text = deployment(&Probes::new(&health, 8080).yaml().unwrap());
    for (right, wrong, named) in [("timeoutSeconds:", "timeoutSecond:", "'timeoutSecond'"), (" 10\n", " 10s\n", "'10s'")] {
        let output = kubernetes_validate(VERSIONS[1], &text.replacen(right, wrong, 1));
        let output_text = String::from_utf8_lossy(&output.stdout);
        assert!(!output.status.success() && output_text.contains(named), "{wrong}: {output_text}");
    }
}

#[test]
fn the_example_prints_a_deployment_and_a_service() {
    let output = Command::new(&*EXAMPLE).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    accepted(&text, &["deployment/orders", "service/orders"]);
    for line in [
        "# queue: not critical, timeout 750ms",
        "# shard-eu: critical, timeout 300ms",
        "# prices: critical, timeout 5s, in the background every 20s",
        "failureThreshold: 61 # consecutive failures, the last 120s after the first, for a startup budget of 120s (configured)",
    ] {
        assert!(text.contains(line), "no {line:?} in {text}");
    }
}
