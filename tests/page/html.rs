//! The page as bytes, without a browser.

use std::future::{pending, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use actix_web::http::Method;
use actix_web::{App, HttpResponse, test, web};
use health_runtime::{Check, Expose, Format, Health, Kind, Outcome};
use tokio::time::{advance, sleep};

use health_tests::checks::{Runs, builder, down, health, up};
use health_tests::probe::{get, request};

/// Returns the text between two marks.
fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before}: {text}"));
    rest.split_once(after).unwrap_or_else(|| panic!("no {after}: {text}")).0
}

/// Replaces the text between two marks by `_`, each time.
fn without(text: &str, before: &str, after: &str) -> String {
    let mut pieces = text.split(before);
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| format!("{text}{before}_{after}{}", piece.split_once(after).unwrap().1))
}

#[tokio::test(start_paused = true)]
async fn the_page_of_three_checks() {
    let lag = Check::readiness("lag", || ready(Outcome::degraded("12s behind").with("seconds", 12)));
    let lag = lag.and(Kind::Liveness).tags(["queue", "orders"]).description("How far the consumer is behind.");
    let cache =
        Check::readiness("cache", || ready(Err::<(), _>("no"))).critical(false).failure_threshold(3).cache(Duration::ZERO);
    let database = Check::readiness("database", || sleep(Duration::from_millis(2)));
    let database = database.interval(Duration::from_secs(90)).timeout(Duration::from_millis(500));
    let health = builder([lag, cache, database]).version("1.4.2").start().unwrap();
    sleep(Duration::from_millis(10)).await;
    get(&health, "/health").await;
    advance(Duration::from_secs(63)).await;
    let (code, page) = get(&health, "/readyz?format=html&exclude=nope").await;
    assert_eq!(code, 200);
    let page = without(&without(&page, "<style>", "</style>"), "<script>", "</script>");
    let page = without(&without(&page, "<time datetime=\"", "</time>"), "Error in the log</dt><dd><code><bdi>", "</bdi>");
    // The snapshot has a line for each element.
    insta::assert_snapshot!(page.replace("><", ">\n<"));
}

#[tokio::test(start_paused = true)]
async fn h1_the_page_has_the_common_headers_and_a_policy() {
    let health = health([down(Kind::Readiness, "a")]);
    let got = request(&health, Method::GET, "/readyz?format=html").await;
    assert_eq!(got.code, 503);
    let (policies, others): (Vec<_>, Vec<_>) = got.headers.iter().partition(|(name, _)| name == "content-security-policy");
    let others: Vec<_> = others.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let expected = [
        ("cache-control", "no-store"),
        ("content-type", "text/html; charset=utf-8"),
        ("vary", "Accept"),
        ("x-content-type-options", "nosniff"),
    ];
    assert_eq!(others, expected);
    let [(_, policy)] = policies.as_slice() else { panic!("{policies:?}") };
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-") && !policy.contains("unsafe"), "{policy}");

    assert_eq!(request(&health, Method::OPTIONS, "/readyz?format=html").await.headers, got.headers);
    let head = request(&health, Method::HEAD, "/readyz?format=html").await;
    assert_eq!((head.code, head.headers, head.body.as_str()), (503, got.headers, ""));
    let json = request(&health, Method::GET, "/readyz").await;
    assert!(json.headers.iter().all(|(name, _)| name != "content-security-policy"));
}

#[tokio::test(start_paused = true)]
async fn the_accept_header_or_the_service_selects_the_page() {
    let health = health([up(Kind::Readiness, "a")]);
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8";
    for (format, accept, expected) in [
        (Format::Json, browser, "text/html; charset=utf-8"),
        (Format::Json, "text/html;q=0.8, application/json", "application/json"),
        (Format::Json, "text/*", "text/plain; charset=utf-8"),
        (Format::Json, "*/*", "application/json"),
        (Format::Html, "*/*", "text/html; charset=utf-8"),
        (Format::Html, "text/*", "text/html; charset=utf-8"),
        (Format::Html, "image/png", "text/html; charset=utf-8"),
        (Format::Html, "application/json", "application/json"),
    ] {
        let app = test::init_service(App::new().service(health.service().format(format))).await;
        // The second response is cached.
        for _ in 0..2 {
            let request = test::TestRequest::with_uri("/readyz").insert_header(("accept", accept)).to_request();
            let response = test::call_service(&app, request).await;
            assert_eq!(response.headers().get("content-type").unwrap(), expected, "{accept}");
            assert_eq!(response.headers().contains_key("content-security-policy"), expected.starts_with("text/html"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_page_respects_the_expose_level() {
    let check = || Check::readiness("orders", || ready(Err::<(), _>("table orders is gone from postgres://app:hunter2@db1")));
    let health = builder([check().description("The table is there."), up(Kind::Liveness, "loop")]).version("1.4.2");
    let health = health.start().unwrap();
    let at = async |level, path: &str| {
        let app = test::init_service(App::new().service(health.service().expose(level))).await;
        let body = test::call_and_read_body(&app, test::TestRequest::with_uri(path).to_request()).await;
        String::from_utf8(body.to_vec()).unwrap()
    };
    let all = ["orders", "loop", "1.4.2", "check failed", "table orders is gone from postgres://***@db1", "hunter2"];
    for (level, seen) in [
        (Expose::Status, vec![]),
        (Expose::Reasons, vec!["orders", "loop", "1.4.2", "check failed"]),
        (Expose::Errors, vec!["orders", "loop", "1.4.2", "check failed", "table orders is gone from postgres://***@db1"]),
    ] {
        for path in ["/health?format=html", "/health?format=html&verbose&exclude=nobody"] {
            let page = at(level, path).await;
            let body = between(&page, "<body>", "<script>");
            let found: Vec<_> = all.into_iter().filter(|text| body.contains(text)).collect();
            assert_eq!(found, seen, "{level:?}");
            assert!(page.contains("<h1>Unhealthy</h1>"));
        }
    }
    for path in ["/health/orders?format=html", "/health?format=html&tag=db"] {
        assert_eq!(at(Expose::Status, path).await, r#"{"error":"not found"}"#);
    }
    assert!(
        at(Expose::Reasons, "/health/orders?format=html").await.contains("<p>Health: <span class=\"count\">1 down</span></p>")
    );
}

/// Returns a check whose outcome is up, degraded or down by this number.
fn switched(level: &Arc<AtomicU8>) -> Check {
    let level = Arc::clone(level);
    let run = move || {
        let outcome = match level.load(Ordering::SeqCst) {
            0 => Outcome::up(),
            1 => Outcome::degraded("slow"),
            _ => Outcome::down("gone"),
        };
        ready(outcome)
    };
    Check::readiness("orders", run)
}

#[tokio::test(start_paused = true)]
async fn the_timeline_shows_runs_and_transitions_of_the_last_hour() {
    let level = Arc::new(AtomicU8::new(0));
    let health = health([switched(&level).cache(Duration::ZERO)]);
    let hour = async || {
        between(&get(&health, "/readyz?format=html").await.1, "aria-label=\"Last hour, worst status of each minute: ", "\"")
            .to_owned()
    };
    assert_eq!(hour().await, "up in 1, no run in 59; status changed in 1");
    for (minutes, value) in [(1, 0), (1, 2), (0, 1), (1, 1), (5, 0)] {
        advance(Duration::from_secs(60 * minutes)).await;
        level.store(value, Ordering::SeqCst);
        hour().await;
    }
    let page = get(&health, "/readyz?format=html").await.1;
    for path in [
        r#"<path class="none" d="M0 9.5h51M55 9.5h4"/>"#,
        r#"<path class="up" d="M51 8h2M59 8h1"/>"#,
        r#"<path class="degraded" d="M54 6.5h1"/>"#,
        r#"<path class="down" d="M53 5h1"/>"#,
        r#"<path class="change" d="M51 11.25h1M53 11.25h1M59 11.25h1"/>"#,
    ] {
        assert!(page.contains(path), "{path}: {page}");
    }
    let changes = between(&page, "<dt>Latest changes</dt>", "</div>").split("</dd>");
    let changes: Vec<_> = changes.filter_map(|change| Some(change.split_once("</time> ")?.1)).collect();
    assert_eq!(changes, ["up", "degraded: <bdi>slow</bdi>", "down: <bdi>gone</bdi>", "up"]);
    advance(Duration::from_hours(1)).await;
    assert_eq!(hour().await, "up in 1, no run in 59");
}

#[tokio::test(start_paused = true)]
async fn the_timeline_has_statuses_that_change_with_time() {
    let never = Check::reported("pushed", Kind::Readiness).interval(Duration::from_secs(10));
    let health = health([never]);
    let reporter = health.reporter("pushed").unwrap();
    reporter.up();
    advance(Duration::from_mins(2)).await;
    let page = get(&health, "/readyz?format=html").await.1;
    let hour = between(&page, "worst status of each minute: ", "\"");
    assert_eq!(hour, "up in 1, down in 1, no run in 58; status changed in 2");
    assert!(page.contains(r#"<p class="reason"><bdi>no report for 120s</bdi></p>"#), "{page}");
    assert!(page.contains("<dt>Runs</dt><dd>none; the application reports it</dd>"), "{page}");
}

#[tokio::test(start_paused = true)]
async fn open_pages_respect_the_cache_of_each_check() {
    let runs = Runs::default();
    let counted = runs.clone();
    let check = Check::readiness("a", move || {
        let _run = counted.start();
        ready(())
    });
    let health = health([check.cache(Duration::from_secs(10))]);
    for _ in 0..50 {
        assert_eq!(get(&health, "/readyz?format=html").await.0, 200);
    }
    assert_eq!(runs.started(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_page_lists_every_check_the_worst_first() {
    let checks = (100..300).map(|i| {
        let run = move || ready(if i == 250 { Outcome::degraded("€".repeat(9_000)) } else { Outcome::up() });
        Check::readiness(format!("check-{i}"), run)
    });
    let others = [
        down(Kind::Readiness, "z-not-critical").critical(false),
        down(Kind::Readiness, "y-critical"),
        Check::reported("x-unknown", Kind::Liveness),
    ];
    let (_, page) = get(&health(checks.chain(others)), "/health?format=html").await;
    let names: Vec<_> = page.split("<li id=\"check-").skip(1).map(|check| check.split('"').next().unwrap()).collect();
    assert_eq!(names.len(), 203);
    assert_eq!(names[..5], ["y-critical", "z-not-critical", "check-250", "x-unknown", "check-100"]);
    assert!(page.contains(&"€".repeat(9_000)), "nothing is cut");
    assert!(page.contains("Health: <span class=\"count\">2 down</span>, <span class=\"count\">1 unknown</span>, "), "{page}");
}

#[tokio::test(start_paused = true)]
async fn the_page_explains_unhealthy_without_a_failing_check() {
    let health: Health = health([up(Kind::Readiness, "a"), down(Kind::Startup, "warm")]);
    let (code, page) = get(&health, "/readyz?format=html").await;
    assert_eq!(code, 503);
    assert!(page.contains("<p>Starting: startup has not passed yet.</p>"), "{page}");
    health.drain();
    let (code, page) = get(&health, "/readyz?format=html").await;
    assert_eq!(code, 503);
    assert!(page.contains("<p>Draining: the process accepts no new traffic and will stop.</p>"), "{page}");
    let (_, page) = get(&health, "/livez?format=html").await;
    assert!(page.contains("<p>Liveness</p>") && page.contains(r#"<p class="none">No checks.</p>"#), "{page}");
}

#[tokio::test(start_paused = true)]
async fn the_page_shows_workers_and_requests_in_flight() {
    let health = builder([]).watch_workers(Duration::from_secs(5)).start().unwrap();
    let hangs = web::to(pending::<HttpResponse>);
    let app = App::new().wrap(health.middleware()).service(health.service()).route("/hangs", hangs);
    let app = test::init_service(app).await;
    let body = tokio::select! {
        biased;
        _ = test::call_service(&app, test::TestRequest::with_uri("/hangs").to_request()) => panic!("it ended"),
        body = test::call_and_read_body(&app, test::TestRequest::with_uri("/livez?format=html").to_request()) => body,
    };
    let page = String::from_utf8(body.to_vec()).unwrap();
    assert!(page.contains("<dt>Runs</dt><dd>none; evaluated on read; each worker must send a heartbeat within 5s"), "{page}");
    assert!(!page.contains("<dt>Timeout</dt>") && !page.contains("<dt>Thresholds</dt>"), "{page}");
    assert!(page.contains("<p>Running for 0s, requests in flight: 1. Times are in UTC.</p>"), "{page}");
    assert!(page.contains("<dt>Checked</dt><dd>just now</dd>"), "{page}");
}

#[tokio::test(start_paused = true)]
async fn the_timeline_of_the_workers_has_the_observed_statuses() {
    let health = builder([]).watch_workers(Duration::from_secs(5)).start().unwrap();
    let app = test::init_service(App::new().service(health.service())).await;
    sleep(Duration::from_secs(185)).await;
    let page = test::call_and_read_body(&app, test::TestRequest::with_uri("/livez?format=html").to_request()).await;
    let page = String::from_utf8(page.to_vec()).unwrap();
    assert_eq!(between(&page, "worst status of each minute: ", "\""), "up in 4, no run in 56; status changed in 1");
}
