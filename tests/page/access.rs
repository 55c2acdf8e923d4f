//! Accessibility: screen readers, keyboard and themes.

use health_tests::browser::Browser;
use health_tests::workspace;
use serde_json::{Value, json};

use crate::live::{Switches, come_back, open, service, set, wait_for};
use crate::scenes::{SCENES, Scene, simulated};

/// Returns the source of axe-core, which `tests/all` installs with npm.
fn axe() -> String {
    let file = workspace::target().join("npm/node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(&file).unwrap_or_else(|error| {
        panic!("{}: {error}; run `npm install --prefix target/npm axe-core`, as `tests/all` does", file.display())
    })
}

/// Returns the violations that axe-core finds, one line each.
fn findings(browser: &Browser) -> Vec<String> {
    let found = browser.run("return axe.run(document, { resultTypes: ['violations'] })");
    assert_eq!(found["passes"].as_array().map(|passes| passes.len() > 20), Some(true), "it looked at nothing");
    let found = found["violations"].as_array().unwrap();
    found.iter().map(|rule| format!("{} {}: {}", rule["impact"], rule["id"], rule["nodes"][0]["html"])).collect()
}

#[test]
fn axe_finds_no_violation() {
    let (browser, axe) = (Browser::start(), axe());
    for (scene, state) in SCENES {
        let server = simulated(scene, 5);
        for (scheme, width) in [("light", 1280), ("dark", 360)] {
            browser.prefer(scheme);
            browser.resize(width, 800);
            open(&browser, &server, "/readyz");
            browser.run(&axe);
            browser.run("document.querySelectorAll('details').forEach((it) => { it.open = true; })");
            assert_eq!(findings(&browser), Vec::<String>::new(), "{state}, {scheme}, {width}");
        }
    }
    let switches = Switches::default();
    let server = service(&switches);
    open(&browser, &server, "/readyz?format=html");
    browser.run(&axe);
    set(&switches.gone, true);
    come_back(&browser);
    wait_for(&browser, "document.title === 'Connection lost'");
    assert_eq!(findings(&browser), Vec::<String>::new(), "without a response");

    browser.run("document.querySelector('.hour').removeAttribute('aria-label')");
    let found = findings(&browser);
    assert!(found.len() == 1 && found[0].contains("svg-img-alt"), "it finds what is wrong: {found:?}");
}

#[test]
fn tab_reaches_every_control_with_a_visible_focus() {
    let (browser, server) = (Browser::start(), simulated(Scene::Degraded, 5));
    open(&browser, &server, "/readyz");
    let focusable = browser.run("return document.querySelectorAll('a[href], button, summary, input, [tabindex]').length");
    let mut reached = Vec::new();
    for _ in 0..6 {
        browser.press("Tab", '\t');
        reached.push(browser.run(
            "const [it, style] = [document.activeElement, getComputedStyle(document.activeElement)];
             const box = it.getBoundingClientRect();
             return [it.textContent, `${style.outlineStyle} ${style.outlineWidth}`, box.top >= 0 && box.bottom <= innerHeight]",
        ));
    }
    let names = ["redis", "disk", "orders-queue", "database", "payments-api"].map(|name| format!("More about {name}"));
    let in_order = ["Pause refresh".to_owned()].into_iter().chain(names);
    let expected: Vec<Value> = in_order.map(|name| json!([name, "solid 3px", true])).collect();
    assert_eq!((focusable, reached), (json!(6), expected));
    let open = "return document.activeElement.parentElement.open";
    for is_open in [true, false] {
        browser.press("Enter", '\r');
        assert_eq!(browser.run(open), is_open);
    }
}

#[test]
fn each_theme_has_its_colours() {
    let (browser, server) = (Browser::start(), simulated(Scene::Healthy, 3));
    let mut seen = Vec::new();
    for scheme in ["light", "dark"] {
        browser.prefer(scheme);
        open(&browser, &server, "/readyz");
        let style =
            "const style = getComputedStyle(document.body); return [style.backgroundColor, style.color, style.colorScheme]";
        seen.push(browser.run(style));
    }
    let light = json!(["rgb(246, 248, 250)", "rgb(31, 35, 40)", "light dark"]);
    let dark = json!(["rgb(13, 17, 23)", "rgb(240, 246, 252)", "light dark"]);
    assert_eq!(seen, [light, dark]);
}
