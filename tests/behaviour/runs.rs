//! R: a run.

use std::error::Error;
use std::fmt;
use std::future::{pending, ready};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use health_runtime::{Check, IntoOutcome, Kind, Status};
use tokio::sync::Barrier;
use tokio::time::{Instant, sleep};

use health_tests::checks::{Caused, Runs, health, panics};
use health_tests::probe::{body, get};

fn caused(text: &str, source: impl Error + Send + Sync + 'static) -> Caused {
    Caused(text.to_owned(), Some(Box::new(source)))
}

fn refused() -> io::Error {
    io::Error::from(io::ErrorKind::ConnectionRefused)
}

fn failing<E: IntoOutcome + Send + 'static>(make: fn() -> E) -> Check {
    Check::readiness("x", move || ready(make()))
}

async fn error_of(check: Check) -> (u16, String) {
    let health = health([check]);
    let (code, _) = get(&health, "/readyz").await;
    let report = health.report(Kind::Readiness).await;
    (code, report.check("x").unwrap().error().unwrap_or_default().to_owned())
}

#[tokio::test(start_paused = true)]
async fn r1_the_error_class_is_found_anywhere_in_the_chain() {
    let deep = || {
        let inner = caused("c", caused("b", caused("a", refused())));
        Err::<(), _>(inner)
    };
    let refusals: [Check; 5] = [
        failing(|| Err::<(), _>(refused())),
        failing(deep),
        failing(|| Err::<(), _>(io::Error::other(refused()))),
        failing(|| Err::<(), _>(io::Error::other(caused("wrapped", refused())))),
        failing(|| Err::<(), anyhow::Error>(anyhow::Error::from(refused()).context("orders").context("pool"))),
    ];
    for check in refusals {
        assert_eq!(error_of(check).await, (503, "connection refused".to_owned()));
    }
    // 111 is ECONNREFUSED. The class of an error that `anyhow` wraps without a context is found by its text.
    let hidden = failing(|| Err::<(), anyhow::Error>(io::Error::from_raw_os_error(111).into()));
    assert_eq!(error_of(hidden).await, (503, "connection refused".to_owned()));
    let unknown = [
        failing(|| Err::<(), _>("no idea")),
        failing(|| Err::<(), _>(io::Error::other("no idea"))),
        failing(|| Err::<(), _>("hunter2 (os error 111)")),
        failing(|| Err::<(), _>(io::Error::from_raw_os_error(9999))),
    ];
    for check in unknown {
        assert_eq!(error_of(check).await, (503, "check failed".to_owned()));
    }
    let timed_out = failing(|| Err::<(), _>(io::Error::from(io::ErrorKind::TimedOut)));
    assert_eq!(error_of(timed_out).await, (503, "timed out".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn r3_a_panic_fails_only_its_check() {
    for message in ["hunter2", "hunter2 before the future", "hunter2 on drop"] {
        health_tests::panics::expect(message);
    }
    let health = health([
        Check::readiness("a", panics),
        Check::readiness("b", || -> std::future::Ready<()> { panic!("hunter2 before the future") }),
        Check::readiness("c", || ready(())),
        Check::readiness("d", || async {
            struct OnDrop;
            impl Drop for OnDrop {
                fn drop(&mut self) {
                    panic!("hunter2 on drop");
                }
            }
            let _guard = OnDrop;
            pending::<()>().await;
        }),
    ]);
    let panicked = r#"{"status":"down","latency_ms":0,"error":"panicked"}"#;
    let entries = format!(
        r#""a":{panicked},"b":{panicked},"c":{{"status":"up","latency_ms":0}},"d":{{"status":"down","latency_ms":750,"error":"panicked"}}"#
    );
    assert_eq!(get(&health, "/readyz").await, (503, body("unhealthy", &entries)));
    let report = health.report(Kind::Readiness).await;
    assert_eq!(report.check("a").unwrap().full_error(), Some("panicked"));
}

#[tokio::test(start_paused = true)]
async fn r3_a_thousand_panics_leak_no_task() {
    health_tests::panics::expect("hunter2");
    let health = health([Check::readiness("x", panics).cache(Duration::ZERO)]);
    let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    for _ in 0..1000 {
        assert_eq!(health.report(Kind::Readiness).await.check("x").unwrap().error(), Some("panicked"));
    }
    tokio::task::yield_now().await;
    assert_eq!(tokio::runtime::Handle::current().metrics().num_alive_tasks(), tasks);
}

#[tokio::test(start_paused = true)]
async fn r4_a_slow_run_is_cancelled_at_its_timeout() {
    let runs = Runs::default();
    let counted = runs.clone();
    let check = Check::readiness("slow", move || {
        let runs = counted.clone();
        async move { runs.run_for(Duration::from_secs(2)).await }
    });
    let health = health([check.timeout(Duration::from_millis(100))]);
    let began = Instant::now();
    let entry = r#""slow":{"status":"down","latency_ms":100,"error":"timed out after 100ms"}"#;
    assert_eq!(get(&health, "/readyz").await, (503, body("unhealthy", entry)));
    assert_eq!(began.elapsed(), Duration::from_millis(100));
    assert_eq!(runs.started(), 1);
    let _second = runs.start();
    assert_eq!(runs.most_at_once(), 1, "the run was dropped, so this one is alone");
}

#[tokio::test(start_paused = true)]
async fn r6_a_run_that_never_finishes_is_unknown_at_the_deadline() {
    let runs = Runs::default();
    let counted = runs.clone();
    let check = Check::readiness("hung", move || {
        let run = counted.start();
        async move {
            let _run = run;
            pending::<()>().await;
        }
    });
    let health = health([check.timeout(Duration::from_secs(10))]);
    let began = Instant::now();
    let entry = r#""hung":{"status":"unknown","error":"no result within 900ms"}"#;
    assert_eq!(get(&health, "/readyz").await, (503, body("unhealthy", entry)));
    assert_eq!(began.elapsed(), Duration::from_millis(900));

    let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    for _ in 0..9 {
        let probes = (0..22).map(|_| health.report(Kind::Readiness));
        let reports = futures_util::future::join_all(probes).await;
        assert!(reports.iter().all(|report| report.check("hung").unwrap().status() == Status::Unknown));
    }
    assert_eq!(runs.started(), 1);
    assert!(tokio::runtime::Handle::current().metrics().num_alive_tasks() <= tasks);
}

#[tokio::test(start_paused = true)]
async fn r7_ten_timeouts_do_not_hide_five_results() {
    let limit = Duration::from_millis(300);
    let hang = (0..10).map(|i| Check::readiness(format!("hang-{i}"), || sleep(Duration::from_secs(2))).timeout(limit));
    let real = (0..5).map(|i| Check::readiness(format!("real-{i}"), || sleep(Duration::from_millis(20))));
    let health = health(hang.chain(real));
    let began = Instant::now();
    let report = health.report(Kind::Readiness).await;
    assert_eq!(began.elapsed(), limit);
    let timed_out = report.checks().filter(|check| check.error() == Some("timed out after 300ms")).count();
    let up = report.checks().filter(|check| check.latency() == Some(Duration::from_millis(20))).count();
    assert_eq!((timed_out, up), (10, 5));
}

#[tokio::test(start_paused = true)]
async fn r8_checks_run_concurrently() {
    let both = Arc::new(Barrier::new(2));
    let check = |name| {
        let both = Arc::clone(&both);
        Check::readiness(name, move || {
            let both = Arc::clone(&both);
            async move {
                both.wait().await;
            }
        })
    };
    let health = health([check("a"), check("b")]);
    let entries = r#""a":{"status":"up","latency_ms":0},"b":{"status":"up","latency_ms":0}"#;
    assert_eq!(get(&health, "/readyz").await, (200, body("healthy", entries)));
}

#[tokio::test(start_paused = true)]
async fn r9_twenty_checks_take_as_long_as_one() {
    let health = health((0..20).map(|i| Check::readiness(format!("c{i}"), || sleep(Duration::from_millis(50)))));
    let began = Instant::now();
    assert_eq!(get(&health, "/readyz").await.0, 200);
    assert_eq!(began.elapsed(), Duration::from_millis(50));
}

#[tokio::test(start_paused = true)]
async fn r11_an_error_with_the_text_cancelled_is_an_error() {
    let check = failing(|| Err::<(), _>("operation was cancelled: deadline exceeded"));
    assert_eq!(error_of(check).await, (503, "check failed".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn r14_a_quick_uncached_check_is_not_stale_next_to_a_slow_one() {
    let quick = Check::readiness("quick", || sleep(Duration::from_millis(5)));
    let slow = Check::readiness("slow", || sleep(Duration::from_millis(300)));
    let health = health([quick.cache(Duration::ZERO).timeout(Duration::from_millis(100)), slow]);
    let entries = r#""quick":{"status":"up","latency_ms":5},"slow":{"status":"up","latency_ms":300}"#;
    assert_eq!(get(&health, "/readyz").await, (200, body("healthy", entries)));
}

/// An error with an empty text, and one whose text cannot be formatted.
#[derive(Debug)]
struct WithoutText(fmt::Result);

impl fmt::Display for WithoutText {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
    }
}

impl Error for WithoutText {}

#[tokio::test(start_paused = true)]
async fn r1_an_error_without_text_is_check_failed() {
    for result in [Ok(()), Err(fmt::Error)] {
        let health = health([Check::readiness("x", move || ready(Err::<(), _>(WithoutText(result))))]);
        let report = health.report(Kind::Readiness).await;
        let check = report.check("x").unwrap();
        assert_eq!((check.error(), check.full_error()), (Some("check failed"), Some("check failed")));
    }
}
