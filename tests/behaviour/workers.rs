//! The check `workers`, on a loop that the test blocks itself.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use actix_web::dev::{Service, ServiceResponse};
use actix_web::{App, Error, test, web};
use health_runtime::kubernetes::Probes;
use health_runtime::{Check, Health, HealthBuilder, HealthState, Kind, PolicyOverride, Status, Transition, Transitions};
use tokio::runtime::Handle;
use tokio::time::sleep;
use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

use health_tests::checks::{builder, status_of, up};
use health_tests::log::Log;
use health_tests::probe::{body, get};
use health_tests::{alone, test_name};

const MS: Duration = Duration::from_millis(1);

fn watched(limit: Duration) -> Health {
    builder([]).watch_workers(limit).start().unwrap()
}

/// Adds a worker, which counts until it is dropped.
async fn worker(health: &Health) -> impl Service<actix_http::Request, Response = ServiceResponse, Error = Error> + use<> {
    test::init_service(App::new().service(health.service())).await
}

async fn status(health: &Health) -> (HealthState, Status, Option<String>) {
    let report = health.report(Kind::Liveness).await;
    let workers = report.check("workers").unwrap();
    assert_eq!((workers.latency(), workers.age()), (None, None), "it has no run");
    let (status, reason) = status_of(&report, "workers");
    (report.state(), status, reason)
}

/// Returns the transitions of the check so far, with their reasons.
async fn transitions_of(transitions: &mut Transitions) -> Vec<(Status, Status, Option<String>)> {
    let mut transitions_of = Vec::new();
    while let Ok(Some(transition)) = tokio::time::timeout(Duration::ZERO, transitions.next()).await {
        if let Transition::Check { from, to, reason, .. } = transition {
            transitions_of.push((from, to, reason));
        }
    }
    transitions_of
}

#[tokio::test(start_paused = true)]
async fn a_worker_counts_until_its_service_is_dropped() {
    let health = watched(Duration::from_secs(4));
    let unknown = (200, body("healthy", r#""workers":{"status":"unknown","error":"no worker"}"#));
    let report = status(&health).await;
    assert_eq!(report, (HealthState::Healthy, Status::Unknown, Some("no worker".to_owned())));

    let app = worker(&health).await;
    sleep(2_500 * MS).await;
    let request = test::TestRequest::with_uri("/livez").to_request();
    let response = test::call_and_read_body(&app, request).await;
    let up = r#""workers":{"status":"up","lag_ms":500,"workers":1,"late":0}"#;
    assert_eq!(response, body("healthy", up).replace("seconds\":0", "seconds\":2"), "it beat at second 0, 1 and 2");

    // The lag is current, so the response was not cached.
    sleep(100 * MS).await;
    let request = test::TestRequest::with_uri("/livez/workers").to_request();
    let response = test::call_and_read_body(&app, request).await;
    assert!(response.windows(12).any(|bytes| bytes == b"\"lag_ms\":600"), "{response:?}");

    drop(app);
    let report = health.report(Kind::Liveness).await;
    assert_eq!(serde_json::to_string(&*report).unwrap(), unknown.1.replace("seconds\":0", "seconds\":2"));
}

#[tokio::test(start_paused = true)]
async fn two_services_on_one_loop_are_one_worker() {
    let health = watched(Duration::from_secs(1));
    let app = App::new().service(health.service()).service(health.service().prefix("/internal"));
    let twice = test::init_service(app).await;
    let once_more = worker(&health).await;
    assert!(get(&health, "/livez").await.1.contains(r#""workers":1"#));
    drop(twice);
    assert_eq!(status(&health).await.1, Status::Up);
    drop(once_more);
    assert_eq!(status(&health).await.1, Status::Unknown);
}

#[tokio::test(start_paused = true)]
async fn b6_the_middleware_alone_registers_its_worker() {
    let health = watched(Duration::from_secs(4));
    let mounted = async || test::init_service(App::new().wrap(health.middleware())).await;
    let app = mounted().await;
    assert!(get(&health, "/livez").await.1.contains(r#""workers":{"status":"up","lag_ms":0,"workers":1,"late":0}"#));
    sleep(2_500 * MS).await;
    let report = health.report(Kind::Liveness).await;
    let lag = serde_json::to_value(&*report).unwrap()["checks"]["workers"]["lag_ms"].clone();
    assert_eq!(lag, 500, "it beat at second 0, 1 and 2");
    let in_scope = test::init_service(App::new().service(web::scope("/orders").wrap(health.middleware()))).await;
    drop(app);
    assert_eq!(status(&health).await.1, Status::Up, "one in a scope counts too");
    drop(in_scope);
    assert_eq!(status(&health).await.1, Status::Unknown, "a worker whose services were dropped no longer counts");
}

#[tokio::test(start_paused = true)]
async fn b6_one_warning_is_logged_when_no_worker_is_known() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let log = Log::of_process(Level::WARN, FmtSpan::NONE);
    let warning = "WARN health check `workers` knows no server worker, so it is always healthy; mount `Health::service` in the \
                   application's `App`, or wrap it in `Health::middleware` limit=4s";
    let watched = || builder([up(Kind::Readiness, "x")]).watch_workers(4_000 * MS).start().unwrap();
    let probed_once = async |health: &Health| {
        sleep(10_000 * MS).await;
        assert_eq!(log.lines(), Vec::<String>::new(), "no probe yet");
        health.report(Kind::Liveness).await;
        sleep(3_900 * MS).await;
        assert_eq!(log.lines(), Vec::<String>::new(), "not yet");
    };
    let health = watched();
    probed_once(&health).await;
    sleep(200 * MS).await;
    assert_eq!(log.lines(), [warning]);
    for _ in 0..20 {
        health.report(Kind::Liveness).await;
        sleep(1_000 * MS).await;
    }
    assert_eq!(log.lines(), Vec::<String>::new(), "only once");

    let late = watched();
    probed_once(&late).await;
    let app = test::init_service(App::new().wrap(late.middleware())).await;
    sleep(10_000 * MS).await;
    assert_eq!(log.lines(), Vec::<String>::new(), "a worker came within the limit");
    drop(app);

    let gone = watched();
    probed_once(&gone).await;
    drop(gone);
    sleep(10_000 * MS).await;
    assert_eq!(log.lines(), Vec::<String>::new(), "its health is gone");
}

/// Uses real time, because it blocks its thread. No other task runs meanwhile.
#[tokio::test]
async fn a_blocked_loop_is_down_from_its_limit_until_its_next_heartbeat() {
    let health = watched(20 * MS);
    let app = worker(&health).await;
    sleep(MS).await;
    let mut transitions = health.subscribe();
    thread::sleep(60 * MS);
    let down = (HealthState::Unhealthy, Status::Down, Some("no worker made progress within 20ms".to_owned()));
    assert_eq!(status(&health).await, down);
    let response = test::call_service(&app, test::TestRequest::with_uri("/livez").to_request()).await;
    assert_eq!(response.status(), 503, "a service on the blocked loop reports it too, until the next heartbeat");
    sleep(20 * MS).await;
    let mut published = transitions_of(&mut transitions).await;
    published.truncate(2);
    let reason = down.2.clone();
    assert_eq!(published, [(Status::Up, Status::Down, reason.clone()), (Status::Down, Status::Up, None)]);

    // The status changes without a probe too.
    thread::sleep(60 * MS);
    sleep(20 * MS).await;
    let mut published = transitions_of(&mut transitions).await;
    published.truncate(2);
    assert_eq!(published, [(Status::Up, Status::Down, reason), (Status::Down, Status::Up, None)]);
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_needs_the_watch_and_ends_with_its_service() {
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let health = builder([up(Kind::Liveness, "x")]).start().unwrap();
    let app = worker(&health).await;
    assert_eq!(tasks(), before);
    drop(app);

    let health = watched(Duration::from_secs(1));
    let app = worker(&health).await;
    drop(health);
    sleep(Duration::from_secs(10)).await;
    assert_eq!(tasks(), before + 1, "the service keeps the health");
    drop(app);
    sleep(MS).await;
    assert_eq!(tasks(), before);
}

#[tokio::test(start_paused = true)]
async fn only_liveness_responses_have_the_worker_check() {
    let health = builder([up(Kind::Readiness, "x")]).watch_workers(Duration::from_secs(1)).start().unwrap();
    let x = r#""x":{"status":"up","latency_ms":0}"#;
    assert_eq!(get(&health, "/readyz").await, (200, body("healthy", x)));
    let workers = r#""workers":{"status":"up","lag_ms":0,"workers":1,"late":0}"#;
    assert_eq!(get(&health, "/health").await, (200, body("healthy", &format!("{workers},{x}"))));
    assert_eq!(get(&health, "/readyz/workers").await.0, 404);
    let (code, text) = get(&health, "/livez?verbose&format=text").await;
    assert_eq!((code, text.as_str()), (200, "[+]workers ok\nlivez check passed\n"));
    let (_, text) = get(&health, "/livez?verbose").await;
    let entry = r#""kinds":["liveness"],"critical":true,"description":"Every server worker made progress within 1s.","#;
    assert!(text.contains(entry) && !text.contains("checked_at") && !text.contains("age_ms"), "{text}");

    let refused = health.reporter("workers").err().unwrap().to_string();
    let expected = "health check `workers` is the worker watch, not a reported check; create another with `Check::reported`";
    assert_eq!(refused, expected);
    let yaml = Probes::new(&health, 8080).yaml().unwrap();
    let line = "workers: critical, down if no server worker has made progress within 1s";
    assert!(yaml.container(0).contains(line), "{}", yaml.container(0));
}

#[tokio::test(start_paused = true)]
async fn the_last_worker_limit_wins_and_start_rejects_invalid_ones() {
    for limit in [Duration::ZERO, 9 * MS, Duration::from_secs(86_401), Duration::MAX] {
        let line = line!() + 1;
        let error = builder([]).watch_workers(limit).start().err().unwrap();
        let place = format!("health check `workers` ({}:{line})", file!());
        let expected = format!("health cannot start; 1 problem:\n  {place} has a limit of {limit:?}; give one from 10ms to 24h");
        assert_eq!(error.to_string(), expected);
    }
    assert!(builder([]).watch_workers(Duration::ZERO).watch_workers(10 * MS).start().is_ok());
    assert!(builder([]).watch_workers(Duration::from_hours(24)).start().is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_worker_check_follows_the_rules_for_names_and_policies() {
    let line = line!() + 1;
    let own = Check::readiness("Workers", || async {});
    let twins = builder([own]).watch_workers(Duration::from_secs(1)).without("workers").start().err().unwrap();
    let file = file!();
    let expected = [
        "health cannot start; 2 problems:".to_owned(),
        format!(
            "duplicate check name: health check `Workers` ({file}:{line}) and health check `workers` ({file}:{}); rename one",
            line + 1
        ),
        "`without` names health check `workers`, but no linked check of that name is in this program; there are none".to_owned(),
    ];
    assert_eq!(twins.to_string(), expected.join("\n  "));

    let line = line!() + 1;
    let soft = builder([]).watch_workers(Duration::from_secs(1)).policy("workers", |policy| policy.critical = false);
    let expected = format!(
        "health check `workers` ({}:{line}) is a liveness check with `critical = false`; remove `critical`, or make it a readiness check",
        file!()
    );
    assert!(soft.start().err().unwrap().to_string().ends_with(&expected));

    let tagged =
        builder([]).watch_workers(Duration::from_secs(1)).policy("workers", |policy| policy.tags = vec!["server".to_owned()]);
    assert_eq!(get(&tagged.start().unwrap(), "/health?tag=server").await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn an_override_can_disable_the_worker_watch() {
    let off: BTreeMap<String, PolicyOverride> = serde_json::from_str(r#"{"workers":{"enabled":false}}"#).unwrap();
    let checks: fn(HealthBuilder) -> HealthBuilder = |builder| builder.watch_workers(Duration::from_secs(1));
    let health = checks(builder([Check::liveness("x", || async {})])).overrides(off).start().unwrap();
    let before = Handle::current().metrics().num_alive_tasks();
    let _app = worker(&health).await;
    assert_eq!(health.report(Kind::Liveness).await.checks().count(), 1);
    assert_eq!(Handle::current().metrics().num_alive_tasks(), before, "no worker has a heartbeat");
}
