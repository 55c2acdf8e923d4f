//! Readers on several threads while a check changes: none gets an older status than the published one.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use actix_web::{App, test};
use health_runtime::{Check, Health, Kind};
use health_tests::checks::health;

const CHANGES: u64 = 20_000;
const READERS: usize = 4;

/// Returns the number in `"error":"change N"`, or zero.
fn change(body: &[u8]) -> u64 {
    let text = std::str::from_utf8(body).unwrap();
    let Some((_, rest)) = text.split_once("change ") else { return 0 };
    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

/// Probes until the last change is visible, and returns the number of responses.
fn probe_until_done(health: &Health, published: &AtomicU64, done: &AtomicBool) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let app = test::init_service(App::new().service(health.service())).await;
        let (mut responses, mut last) = (0, 0);
        while last < CHANGES && !done.load(Ordering::SeqCst) {
            let before = published.load(Ordering::SeqCst);
            let response = test::call_service(&app, test::TestRequest::with_uri("/readyz").to_request()).await;
            let now = change(&test::read_body(response).await);
            assert!(now >= before, "{now} after {before} was published");
            assert!(now >= last, "{now} after {last}");
            last = now;
            responses += 1;
        }
        responses
    })
}

#[tokio::test]
async fn readers_never_get_an_older_status_than_the_published_one() {
    let _running = crate::one_at_a_time();
    let checks = [Check::reported("x", Kind::Readiness), Check::readiness("steady", || async {}).cache(Duration::from_mins(1))];
    let health = health(checks);
    let reporter = health.reporter("x").unwrap();
    health.report(Kind::Readiness).await;

    let (published, done) = (AtomicU64::new(0), AtomicBool::new(false));
    let began = Instant::now();
    let responses: u64 = thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS).map(|_| scope.spawn(|| probe_until_done(&health, &published, &done))).collect();
        for n in 1..=CHANGES {
            reporter.degraded(format!("change {n}"));
            published.store(n, Ordering::SeqCst);
            if n % 50 == 0 {
                // Sometimes readers find a fresh response.
                thread::sleep(Duration::from_micros(200));
            }
        }
        while began.elapsed() < Duration::from_mins(2) && readers.iter().any(|reader| !reader.is_finished()) {
            thread::sleep(Duration::from_millis(1));
        }
        done.store(true, Ordering::SeqCst);
        readers.into_iter().map(|reader| reader.join().unwrap()).sum()
    });
    assert!(responses >= READERS as u64, "{responses}");
}
