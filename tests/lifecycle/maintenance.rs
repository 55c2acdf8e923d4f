//! Maintenance, and the wait for readiness.

use std::time::Duration;

use health_runtime::{Check, DrainCode, Expose, Health, HealthState, Kind, Outcome, Transition, Transitions};
use tokio::time::{Instant, sleep, timeout};

use actix_web::test::TestRequest;
use health_tests::checks::{Runs, always, down, health, up};
use health_tests::probe::{codes, get, send};

const SECOND: Duration = Duration::from_secs(1);

fn one_check_per_kind() -> Health {
    health([up(Kind::Liveness, "l"), up(Kind::Readiness, "r"), up(Kind::Startup, "s")])
}

/// Returns the new states of readiness so far.
async fn readiness_states(transitions: &mut Transitions) -> Vec<HealthState> {
    let mut states = Vec::new();
    while let Ok(Some(transition)) = timeout(Duration::ZERO, transitions.next()).await {
        match transition {
            Transition::Kind { kind: Kind::Readiness, to, .. } => states.push(to),
            Transition::Kind { kind, .. } => panic!("{kind} does not change"),
            _ => {}
        }
    }
    states
}

#[tokio::test(start_paused = true)]
async fn b7_readiness_is_503_until_the_guard_is_dropped() {
    let health = one_check_per_kind();
    let all = ["/startupz", "/readyz", "/livez", "/health", "/readyz/r", "/healthz"];
    assert_eq!(codes(&health, all).await, [200; 6]);
    let mut transitions = health.subscribe();
    let guard = health.maintenance("reindex");
    assert_eq!(codes(&health, all).await, [200, 503, 200, 503, 503, 503]);
    let expected = concat!(
        r#"{"status":"unhealthy","reason":"maintenance: reindex","checks":"#,
        r#"{"r":{"status":"up","latency_ms":0}},"uptime_seconds":0}"#
    );
    assert_eq!(get(&health, "/readyz").await, (503, expected.to_owned()));
    let report = health.report(Kind::Readiness).await;
    assert_eq!((report.state(), report.reason()), (HealthState::Unhealthy, Some("maintenance: reindex")));
    drop(guard);
    assert_eq!(codes(&health, all).await, [200; 6]);
    assert_eq!(readiness_states(&mut transitions).await, [HealthState::Unhealthy, HealthState::Healthy]);
}

#[tokio::test(start_paused = true)]
async fn b7_prepared_responses_follow_a_maintenance_at_once() {
    let health = health([up(Kind::Readiness, "r").cache(60 * SECOND)]);
    let app = actix_web::test::init_service(actix_web::App::new().service(health.service())).await;
    let probe = async || {
        let response = actix_web::test::call_service(&app, TestRequest::with_uri("/readyz").to_request()).await;
        let code = response.status().as_u16();
        let body = actix_web::test::read_body(response).await;
        (code, String::from_utf8(body.to_vec()).unwrap().contains(r#""reason":"maintenance: second""#))
    };
    for _ in 0..3 {
        assert_eq!([probe().await, probe().await], [(200, false); 2]);
        let first = health.maintenance("first");
        assert_eq!([probe().await, probe().await], [(503, false); 2]);
        let second = health.maintenance("second");
        assert_eq!([probe().await, probe().await], [(503, false); 2]);
        drop(first);
        assert_eq!([probe().await, probe().await], [(503, true); 2], "the reason of the oldest guard");
        drop(second);
    }
}

#[tokio::test(start_paused = true)]
async fn b7_two_guards_last_until_both_are_dropped() {
    let health = one_check_per_kind();
    assert_eq!(codes(&health, ["/readyz"]).await, [200]);
    let mut transitions = health.subscribe();
    let reason = async || health.report(Kind::Readiness).await.reason().map(ToOwned::to_owned);
    let (first, second) = (health.maintenance("first"), health.maintenance("second"));
    let third = health.maintenance("third");
    assert_eq!(reason().await.as_deref(), Some("maintenance: first"));
    drop(second);
    assert_eq!(reason().await.as_deref(), Some("maintenance: first"));
    drop(first);
    assert_eq!(reason().await.as_deref(), Some("maintenance: third"));
    drop(third);
    assert_eq!(reason().await, None);
    assert_eq!(readiness_states(&mut transitions).await, [HealthState::Unhealthy, HealthState::Healthy]);
}

#[tokio::test(start_paused = true)]
async fn b7_concurrent_guards_leave_the_service_ready() {
    let health = one_check_per_kind();
    assert_eq!(codes(&health, ["/readyz"]).await, [200]);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..500).for_each(|_| drop(health.maintenance("short"))));
        }
    });
    let mut transitions = health.subscribe();
    assert_eq!(codes(&health, ["/readyz"]).await, [200]);
    let _guard = health.maintenance("long");
    assert_eq!(
        readiness_states(&mut transitions).await,
        [HealthState::Unhealthy],
        "the published state was that of the last change"
    );
}

#[tokio::test(start_paused = true)]
async fn b7_the_drain_takes_precedence_and_maintenance_over_the_start() {
    let health = health([down(Kind::Startup, "s"), up(Kind::Readiness, "r")]);
    let reason = async || health.report(Kind::Readiness).await.reason().map(ToOwned::to_owned);
    assert_eq!(reason().await.as_deref(), Some("starting"));
    let guard = health.maintenance("reindex");
    assert_eq!(reason().await.as_deref(), Some("maintenance: reindex"));
    health.drain();
    assert_eq!(reason().await.as_deref(), Some("draining"));
    drop(guard);
    assert_eq!(reason().await.as_deref(), Some("draining"));
}

#[tokio::test(start_paused = true)]
async fn b7_startup_passes_during_a_maintenance() {
    let health = one_check_per_kind();
    let guard = health.maintenance("load");
    assert_eq!(codes(&health, ["/readyz", "/startupz", "/livez"]).await, [503, 200, 200]);
    drop(guard);
    assert_eq!(codes(&health, ["/readyz", "/startupz"]).await, [200, 200]);
}

#[tokio::test(start_paused = true)]
async fn b7_the_code_of_a_drain_is_not_that_of_a_maintenance() {
    let health = one_check_per_kind();
    let code = async || send(health.service().drain_code(DrainCode::NotFound), TestRequest::with_uri("/readyz")).await.code;
    let _guard = health.maintenance("reindex");
    assert_eq!(code().await, 503);
    health.drain();
    assert_eq!(code().await, 404);
}

#[tokio::test(start_paused = true)]
async fn b7_other_formats_show_it_as_the_drain() {
    let health = one_check_per_kind();
    assert_eq!(codes(&health, ["/startupz"]).await, [200]);
    let _guard = health.maintenance("<b>reindex</b>");
    let reason = "maintenance: <b>reindex</b>";
    let (r, lifecycle) =
        (r#"{"name":"r","status":"UP","data":{"latency_ms":0}}"#, r#"{"name":"service lifecycle","status":"DOWN""#);
    for (format, expected) in [
        ("microprofile", format!(r#"{{"status":"DOWN","checks":[{lifecycle},"data":{{"reason":"{reason}"}}}},{r}]}}"#)),
        (
            "spring",
            format!(
                r#"{{"status":"OUT_OF_SERVICE","description":"{reason}","components":{{"r":{{"status":"UP","details":{{"latency_ms":0}}}}}}}}"#
            ),
        ),
        ("text", "unhealthy\n".to_owned()),
    ] {
        assert_eq!(get(&health, &format!("/readyz?format={format}")).await, (503, expected));
    }
    let (code, text) = get(&health, "/readyz?format=health%2Bjson").await;
    assert!(code == 503 && text.starts_with(&format!(r#"{{"status":"fail","output":"{reason}","#)), "{text}");
    let (code, page) = get(&health, "/readyz?format=html").await;
    assert!(code == 503 && page.contains("<p>Maintenance: <bdi>&lt;b&gt;reindex&lt;/b&gt;</bdi></p>"), "{page}");
    let status = send(health.service().expose(Expose::Status), TestRequest::with_uri("/readyz")).await;
    assert_eq!((status.code, status.body.as_str()), (503, r#"{"status":"unhealthy"}"#));
}

#[tokio::test(start_paused = true)]
async fn b7_the_reason_is_masked_and_short() {
    let health = one_check_per_kind();
    for (reason, expected) in [
        (String::new(), "maintenance: ".to_owned()),
        ("move to postgres://app:hunter2@db2/orders".to_owned(), "maintenance: move to postgres://***@db2/orders".to_owned()),
        ("x".repeat(243), format!("maintenance: {}", "x".repeat(243))),
        ("x".repeat(244), format!("maintenance: {}…", "x".repeat(240))),
        ("€".repeat(100), format!("maintenance: {}…", "€".repeat(80))),
    ] {
        let _guard = health.maintenance(reason);
        let report = health.report(Kind::Readiness).await;
        assert_eq!(report.reason(), Some(&*expected));
        assert!(expected.len() <= 256);
    }
}

#[tokio::test(start_paused = true)]
async fn the_wait_for_readiness_probes_at_once_and_then_once_a_second() {
    let (runs, began) = (Runs::default(), Instant::now());
    let counted = runs.clone();
    let check = Check::readiness("r", move || {
        let _run = counted.start();
        let outcome = if began.elapsed() < 3 * SECOND { Outcome::down("cold") } else { Outcome::degraded("lukewarm") };
        std::future::ready(outcome)
    });
    let health = health([check.cache(Duration::ZERO), down(Kind::Liveness, "l")]);
    health.ready().await;
    assert_eq!((began.elapsed(), runs.started()), (3 * SECOND, 4));
    health.ready().await;
    assert_eq!((began.elapsed(), runs.started()), (3 * SECOND, 5), "degraded is ready");
    let guard = health.maintenance("reindex");
    let ready = async {
        health.ready().await;
        began.elapsed()
    };
    let ends = async {
        sleep(1_500 * Duration::from_millis(1)).await;
        drop(guard);
    };
    assert_eq!(tokio::join!(ready, ends).0, 5 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn the_wait_for_readiness_never_ends_once_draining() {
    let runs = Runs::default();
    let counted = runs.clone();
    let check = Check::readiness("r", move || {
        let _run = counted.start();
        std::future::ready(Outcome::up())
    });
    let before = health([check.cache(Duration::ZERO)]);
    before.drain();
    assert!(timeout(3_600 * SECOND, before.ready()).await.is_err());
    assert_eq!(runs.started(), 0, "it does not probe any more");

    let during = health([always(Kind::Readiness, "r", || Outcome::down("cold"))]);
    let drain = async {
        sleep(5 * SECOND).await;
        during.drain();
        sleep(3_600 * SECOND).await;
    };
    tokio::select! {
        () = during.ready() => panic!("it is draining"),
        () = drain => {}
    }
}
