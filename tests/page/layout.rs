//! The layout on narrow screens: nothing is cut off, and the page does not scroll sideways.

use std::future::ready;

use health_runtime::{Check, Health, Outcome};
use health_tests::browser::Browser;
use serde_json::json;

use crate::live::open;
use crate::scenes::{Page, Scene, serve, simulated};

/// Returns a page with texts of maximum length without spaces.
async fn long() -> Page {
    let text = "x".repeat(400);
    let name = "n".repeat(63);
    let (reason, detail) = (text.clone(), text.clone());
    let run = move || ready(Outcome::down(reason.clone()).with("a_detail_with_quite_a_long_name", detail.clone()));
    let check = Check::readiness(name, run).description(text).tags(["t".repeat(63)]);
    let health = Health::builder().linked_checks(false).version("v".repeat(100)).check(check).start().unwrap();
    health.report(health_runtime::Kind::Readiness).await;
    Page::render(&health).await
}

#[test]
fn no_element_is_wider_than_the_screen() {
    let browser = Browser::start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (server, what) in [(serve(runtime.block_on(long())), "long words"), (simulated(Scene::Unhealthy, 20), "20 checks")] {
        for width in [320, 360, 1023, 1024, 1280] {
            browser.resize(width, 740);
            open(&browser, &server, "/readyz");
            browser.run("document.querySelectorAll('details').forEach((it) => { it.open = true; })");
            let widest = "return Math.max(document.documentElement.scrollWidth,
                ...[...document.body.querySelectorAll('*')].filter((it) => it.checkVisibility() && !it.closest('.visually-hidden, .shapes'))
                    .map((it) => Math.ceil(it.getBoundingClientRect().right)))";
            let widest = browser.run(widest);
            assert!(widest.as_u64().unwrap() <= u64::from(width), "{what} at {width}: {widest}");
        }
    }
}

#[test]
fn figures_are_labelled_on_a_phone() {
    let (browser, server) = (Browser::start(), simulated(Scene::Healthy, 3));
    browser.resize(360, 740);
    open(&browser, &server, "/readyz");
    let named =
        "return [...document.querySelectorAll('#check-redis .figures dt')].map((it) => [it.innerText, it.offsetWidth > 20])";
    assert_eq!(browser.run(named), json!([["Latency", true], ["Checked", true], ["Since", true]]));
    browser.resize(1280, 800);
    let labels = "return document.querySelector('.labels').innerText.split('\\n').filter(Boolean)";
    assert_eq!(browser.run(labels), json!(["Status", "Check", "Last hour", "Latency", "Checked", "Since, UTC"]));
}
