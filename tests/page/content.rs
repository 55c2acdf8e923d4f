//! The contents of the page, and its requests to its host only.

use std::thread::sleep;
use std::time::Duration;

use health_tests::browser::Browser;
use serde_json::{Value, json};

use crate::live::{Switches, come_back, console_errors, open, requests, service, set, text, wait_for};
use crate::scenes::{Scene, simulated};

#[test]
fn an_unhealthy_page_shows_problems_first() {
    let (browser, server) = (Browser::start(), simulated(Scene::Unhealthy, 5));
    browser.resize(1280, 800);
    open(&browser, &server, "/readyz");
    assert_eq!(browser.run("return document.title"), "Unhealthy · Readiness");
    assert_eq!(text(&browser, "#state"), "Unhealthy\nReadiness: 2 down, 1 degraded, 2 up");
    let checks = browser.run("return [...document.querySelectorAll('h3')].map((it) => it.textContent)");
    let expected = ["database Down", "payments-api Down", "orders-queue Degraded", "disk Up", "redis not critical Up"];
    assert_eq!(checks, json!(expected));
    let reasons =
        browser.run("return [...document.querySelectorAll('.reason')].map((it) => it.checkVisibility() && it.innerText)");
    assert_eq!(reasons, json!(["connection refused", "answered 503 to GET /v1/ping", "40s behind"]));
    let description = text(&browser, "#check-orders-queue .description");
    assert_eq!(description, "The consumer of orders keeps up.");
    let figures = browser.run("return [...document.querySelectorAll('#check-database .figures dd')].map((it) => it.innerText)");
    assert_eq!((&figures[0], &figures[1]), (&json!("3ms"), &json!("just now")));
    let since = figures[2].as_str().unwrap();
    assert!(since.contains(" 3m") && since.ends_with(" ago"), "{since}");
    let hour = browser.run("return document.querySelector('#check-database .hour').ariaLabel");
    let expected = "Last hour, worst status of each minute: up in 54, down in 4, no run in 2; status changed in 2";
    assert_eq!(hour, expected);

    let more = "return document.querySelector('#check-orders-queue details').innerText";
    assert_eq!(browser.run(more), "More\nabout orders-queue", "it is closed");
    browser.run("document.querySelector('#check-orders-queue details').open = true");
    let text = browser.run(more).as_str().unwrap().to_owned();
    for expected in [
        "waiting\n10411\n",
        "Kind\nreadiness\n",
        "Critical\nyes\n",
        "Runs\nin the background, every 10s\n",
        "Timeout\n500ms\n",
        "Thresholds\ndown after 3 consecutive failed runs, up after 2 consecutive successful runs\n",
        "Consecutive failures\n0\n",
        "Changes since startup\n2\n",
        " degraded: 40s behind\n",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert_eq!(console_errors(&browser), Vec::<String>::new());
}

#[test]
fn a_healthy_page_logs_nothing_and_requests_only_its_host() {
    let (browser, server) = (Browser::start(), service(&Switches::default()));
    open(&browser, &server, "/readyz?format=html&exclude=shard-10&exclude=%3Cscript%3Enobody");
    assert_eq!(text(&browser, "#state"), "Healthy\nReadiness: 39 up");
    let notes = browser.run("return [...document.querySelectorAll('.note')].map((it) => it.innerText)");
    let unknown = "Excluded, but not found: <script>nobody";
    assert_eq!(notes, json!(["Excluded: shard-10", unknown]));
    browser.run("return new Promise((done) => setTimeout(done, 7000))");
    let origin = format!("http://{}/", server.address());
    let requests = requests(&browser);
    let (to_others, own): (Vec<_>, Vec<_>) = requests.iter().partition(|url| !url.starts_with(&origin));
    assert!(to_others.iter().all(|url| url.starts_with("data:image/svg+xml,")), "{requests:?}");
    assert!(own.len() >= 2, "it was asked again: {requests:?}");
    let again = |url: &&&String| url.contains("/readyz?format=html&exclude=shard-10&exclude=%3Cscript%3Enobody");
    assert_eq!(own.iter().filter(again).count(), own.len(), "{requests:?}");
    assert_eq!(browser.log("browser"), Vec::<Value>::new());

    // An injected script can neither run nor send a request.
    browser.run("const it = document.createElement('script'); it.textContent = 'window.ran = true'; document.body.append(it)");
    assert_eq!(browser.run("return window.ran ?? 'no'"), "no");
    let foreign = "return fetch('http://127.0.0.1:9/').then(() => 'sent', (error) => error.message)";
    assert_eq!(browser.run(foreign), "Failed to fetch");
    let refused = console_errors(&browser);
    assert!(refused.len() >= 2 && refused.iter().all(|line| line.contains("Content Security Policy")), "{refused:?}");
}

#[test]
fn a_page_at_status_level_shows_state_changes() {
    let (browser, switches) = (Browser::start(), Switches::default());
    let server = service(&switches);
    open(&browser, &server, "/readyz?format=html");
    assert_eq!(text(&browser, "#check-shard-20 h3"), "shard-20\nUp");
    let shows_nothing_else = || {
        let html = browser.run("return document.documentElement.outerHTML");
        for hidden in ["shard-20", "1.4.2", "Readiness", "out of order"] {
            assert!(!html.as_str().unwrap().contains(hidden), "{hidden}");
        }
    };
    set(&switches.closed, true);
    come_back(&browser);
    wait_for(&browser, "document.title === 'Healthy'");
    shows_nothing_else();
    open(&browser, &server, "/readyz?format=html");
    let body = "return document.body.innerText.replace(/[0-9:]{8}/, 'T')";
    assert_eq!(browser.run(body), "Healthy\n\nAs of T UTC\n\nPause refresh");
    set(&switches.broken, true);
    // Its last result is cached for a second.
    sleep(Duration::from_secs(1));
    come_back(&browser);
    wait_for(&browser, "document.title === 'Unhealthy'");
    assert_eq!(browser.run(body), "Unhealthy\n\nAs of T UTC\n\nPause refresh");
    shows_nothing_else();
}
