//! The texts of failures are for the log and for probes, never for metrics.

use std::time::Duration;

use actix_web::test::TestRequest;
use health_runtime::{Check, Kind, Outcome, Scope};
use health_tests::checks::health;

use crate::facade::Recorded;
use crate::scrape::{call, get, scrape};

const SECRET: &str = "hunter2";

async fn panics() {
    panic!("{SECRET}");
}

#[tokio::test]
async fn r2_no_secret_is_in_a_metric() {
    let recorded = Recorded::default();
    let _guard = metrics::set_default_local_recorder(&recorded);
    let error = || std::io::Error::new(std::io::ErrorKind::PermissionDenied, format!("postgres://app:{SECRET}@db/{SECRET}"));
    let health = health([
        Check::readiness("failing", move || async move { Err::<(), _>(error()) }).cache(Duration::ZERO),
        Check::readiness("chained", || async { Err::<(), _>(anyhow::anyhow!(SECRET).context("no token")) }),
        Check::readiness("down", || async { Outcome::down(format!("password={SECRET} {SECRET}")) }),
        Check::readiness("degraded", || async { Outcome::degraded(SECRET).with("token", SECRET) }),
        Check::liveness("panicking", panics),
        Check::reported("pushed", Kind::Readiness),
    ]);
    let reporter = health.reporter("pushed").unwrap();
    reporter.down(SECRET);
    health.report(Scope::All).await;
    for path in ["/readyz", "/readyz/hunter2", "/readyz?verbose&exclude=hunter2", "/health?tag=hunter2&format=hunter2"] {
        call(&health, TestRequest::with_uri(path).insert_header(("X-Request-Id", SECRET))).await;
    }

    let open =
        TestRequest::with_uri("/metrics?hunter2").insert_header(("Accept", "application/openmetrics-text, hunter2/x;q=0.1"));
    let response = call(&health, open).await;
    let headers = format!("{:?}", response.headers());
    let open = String::from_utf8(actix_web::test::read_body(response).await.to_vec()).unwrap();
    assert!(open.contains("health_check_runs_total{check=\"panicking\",result=\"panicked\"} 1"), "{open}");
    let classic = get(&health, "/metrics").await.1;
    for seen in [open, classic, scrape(&health), headers, recorded.everything()] {
        assert!(seen.len() > 100 && !seen.contains(SECRET), "{seen}");
        assert!(!seen.contains("postgres") && !seen.contains("no token"), "{seen}");
    }
}
