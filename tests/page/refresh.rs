//! The page refreshes itself and keeps the position of the reader.

use std::thread::sleep;
use std::time::Duration;

use health_tests::browser::Browser;
use health_tests::until;
use serde_json::{Value, json};

use crate::live::{SOON, Switches, come_back, console_errors, open, service, set, text, wait_for};

/// Scrolls to a check, opens its details and focuses it.
fn look_at(browser: &Browser, check: &str) {
    browser.run(&format!(
        "const check = document.getElementById('{check}'); check.scrollIntoView({{ block: 'center' }});
         check.querySelector('details').open = true; check.querySelector('summary').focus({{ preventScroll: true }});
         window.looked = {{ check, summary: document.activeElement, top: check.getBoundingClientRect().top }};"
    ));
}

/// Returns whether the same elements are still focused and open, and how far they moved on the screen.
fn where_they_are(browser: &Browser) -> Value {
    browser.run(
        "const { check, summary, top } = window.looked;
         return { same: document.getElementById(check.id) === check, focused: document.activeElement === summary,
                  open: check.querySelector('details').open, moved: Math.round(check.getBoundingClientRect().top - top) };",
    )
}

#[test]
fn a_transition_shows_without_scrolling() {
    let (browser, switches) = (Browser::start(), Switches::default());
    let server = service(&switches);
    browser.resize(1280, 800);
    open(&browser, &server, "/readyz?format=html");
    assert_eq!(text(&browser, "#state"), "Healthy\nReadiness: 40 up");
    look_at(&browser, "check-shard-35");
    let scrolled = browser.run("return scrollY").as_f64().unwrap();
    assert!(scrolled > 500.0, "{scrolled}");

    set(&switches.broken, true);
    wait_for(&browser, "document.querySelector('.check').id === 'check-shard-20'");
    assert_eq!(text(&browser, "#state"), "Unhealthy\nReadiness: 1 down, 39 up");
    assert_eq!(text(&browser, "#check-shard-20 .reason"), "out of order");
    assert_eq!(browser.run("return document.title"), "Unhealthy · Readiness");
    let stays = json!({ "same": true, "focused": true, "open": true, "moved": 0 });
    assert_eq!(where_they_are(&browser), stays, "it was added above");

    set(&switches.broken, false);
    wait_for(&browser, "document.querySelector('.check').id === 'check-shard-10'");
    assert_eq!(text(&browser, "#state"), "Healthy\nReadiness: 40 up");
    assert_eq!(where_they_are(&browser), stays, "it is gone again");
    assert_eq!(console_errors(&browser), Vec::<String>::new());
}

#[test]
fn a_check_that_moves_keeps_focus_and_open_details() {
    let (browser, switches) = (Browser::start(), Switches::default());
    let server = service(&switches);
    browser.resize(360, 740);
    open(&browser, &server, "/readyz?format=html");
    look_at(&browser, "check-shard-20");
    let scrolled = browser.run("return scrollY");
    set(&switches.broken, true);
    wait_for(&browser, "document.querySelector('.check').id === 'check-shard-20'");
    let mut now = where_they_are(&browser);
    now["moved"].take();
    assert_eq!(now, json!({ "same": true, "focused": true, "open": true, "moved": null }));
    let jumped = browser.run("return scrollY").as_f64().unwrap() - scrolled.as_f64().unwrap();
    assert!(jumped.abs() < 740.0, "the screen shows what it showed, but for what went: {jumped}");
}

#[test]
fn the_page_shows_a_lost_and_a_restored_connection() {
    let (browser, switches) = (Browser::start(), Switches::default());
    let server = service(&switches);
    open(&browser, &server, "/readyz?format=html");
    assert_eq!(text(&browser, "#connection"), "");
    set(&switches.gone, true);
    come_back(&browser);
    wait_for(&browser, "document.title === 'Connection lost'");
    let message = text(&browser, "#connection");
    assert!(message.starts_with("Connection lost at ") && message.ends_with(" UTC; showing the last known state."), "{message}");
    assert_eq!(text(&browser, "#state"), "Healthy\nReadiness: 40 up", "the last state remains");
    set(&switches.gone, false);
    come_back(&browser);
    wait_for(&browser, "document.title === 'Healthy · Readiness'");
    assert_eq!(text(&browser, "#connection"), "");
    drop(server);
    wait_for(&browser, "document.title === 'Connection lost'");
}

#[test]
fn refreshing_pauses_while_hidden_and_on_request() {
    let (browser, server) = (Browser::start(), service(&Switches::default()));
    open(&browser, &server, "/readyz?format=html");
    let requests = "performance.getEntriesByType('resource').filter((it) => it.name.includes('/readyz')).length";
    let requests_now = || browser.run(&format!("return {requests}"));
    let rest = || browser.run("return new Promise((done) => setTimeout(done, 6500))");

    browser.run(
        "Object.defineProperty(document, 'visibilityState', { configurable: true, value: 'hidden' });
         document.dispatchEvent(new Event('visibilitychange'));",
    );
    rest();
    assert_eq!(requests_now(), 0, "hidden");
    browser.run("delete document.visibilityState; document.dispatchEvent(new Event('visibilitychange'));");
    wait_for(&browser, &format!("{requests} > 0"));

    browser.run("document.getElementById('pause').click()");
    assert_eq!(text(&browser, "#pause"), "Resume refresh");
    let before = requests_now();
    rest();
    assert_eq!(requests_now(), before, "paused");
    browser.run("document.getElementById('pause').click()");
    assert_eq!(text(&browser, "#pause"), "Pause refresh");
    wait_for(&browser, &format!("{requests} > {before}"));
}

#[test]
fn the_page_works_without_javascript() {
    let (browser, switches) = (Browser::start(), Switches::default());
    let server = service(&switches);
    browser.devtools("Emulation.setScriptExecutionDisabled", &json!({ "value": true }));
    open(&browser, &server, "/readyz?format=html");
    let seen = |expression: &str| {
        let requests = json!({ "expression": expression, "returnByValue": true });
        browser.devtools("Runtime.evaluate", &requests)["result"]["value"].clone()
    };
    assert_eq!(seen("document.querySelector('#state').innerText"), "Healthy\n\nReadiness: 40 up");
    assert_eq!(seen("document.querySelector('#pause').checkVisibility()"), false);
    set(&switches.broken, true);
    sleep(Duration::from_secs(2));
    browser.press("Tab", '\t');
    assert_eq!(seen("document.activeElement.innerText"), "Reload");
    browser.press("Enter", '\r');
    until(SOON, "the page is loaded again", || {
        (seen("document.querySelector('#state')?.innerText") == "Unhealthy\n\nReadiness: 1 down, 39 up").then_some(())
    });
    assert_eq!(seen("document.querySelector('.check .reason').innerText"), "out of order");
}
