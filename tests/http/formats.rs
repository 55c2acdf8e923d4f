//! Formats, lines, characters and lengths of bodies.

use std::future::ready;

use actix_web::{App, test};
use health_runtime::{Check, Expose, Kind, Outcome};
use serde_json::Value;

use health_tests::checks::{builder, down, health, up};
use health_tests::probe::get;

#[tokio::test(start_paused = true)]
async fn h6_a_body_has_at_most_8192_bytes() {
    let checks = |count: usize, up_too: bool| {
        (0..count).map(move |i| {
            Check::readiness(format!("check-{i:03}"), move || {
                // A character has three bytes, so byte 64 is inside one.
                let outcome = Outcome::down("€".repeat(10 * 1024 / 3)).with("weight", i);
                ready(if up_too && i % 2 == 0 { Outcome::up().with("weight", i) } else { outcome })
            })
        })
    };
    for (count, shown) in [(200, 66..=66), (30, 30..=30), (2, 2..=2)] {
        for format in ["json", "health+json"] {
            let (code, text) = get(&health(checks(count, false)), &format!("/readyz?format={format}")).await;
            assert_eq!(code, 503);
            assert!(text.len() <= 8192, "{} bytes of {format}", text.len());
            let body: Value = serde_json::from_str(&text).unwrap();
            if format == "json" {
                let entries = body["checks"].as_object().unwrap();
                assert!(shown.contains(&entries.len()), "{count}: {}", entries.len());
                assert_eq!(entries["check-000"]["error"], format!("{}…", "€".repeat(21)));
                assert!(entries["check-000"].get("weight").is_none(), "details go");
                assert!(text.contains(r#"},"truncated":true,"uptime_seconds":0}"#), "{text}");
            }
        }
    }
    let (_, text) = get(&health(checks(60, true)), "/readyz").await;
    let body: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(body["checks"].as_object().unwrap().len(), 30, "what is up goes first");
    let (_, text) = get(&health(checks(200, false)), "/readyz?verbose").await;
    assert!(text.len() > 200 * 10 * 1024 && !text.contains("truncated"), "verbose shows all: {}", text.len());
}

pub(crate) const ODD: &str = "\"<b>&amp;'\n[+]fake ok\r\u{1b}[31m\u{0}\u{2028}🦀 \u{202e}txet";

#[tokio::test(start_paused = true)]
async fn h7_special_characters_are_escaped_in_json_text_and_html() {
    let health = health([Check::readiness("odd", || ready(Outcome::down(ODD).with("detail", ODD)))]);
    for format in ["json", "health+json"] {
        let (_, text) = get(&health, &format!("/readyz?format={format}")).await;
        let body: Value = serde_json::from_str(&text).unwrap();
        let entry = if format == "json" { &body["checks"]["odd"] } else { &body["checks"]["odd"][0] };
        assert_eq!(entry[if format == "json" { "error" } else { "output" }], ODD);
        assert_eq!(entry["detail"], ODD);
        assert!(!text.bytes().any(|byte| byte < 0x20), "{text}");
    }
    let (_, page) = get(&health, "/readyz?format=html&exclude=%3Cscript%3E%22%27%00%E2%80%AE").await;
    let escaped = "<bdi>&quot;&lt;b&gt;&amp;amp;&#39;\n[+]fake ok\\r\\u{1b}[31m\\u{0}\\u{2028}🦀 \u{202e}txet</bdi>";
    assert!(page.contains(&format!(r#"<p class="reason">{escaped}</p>"#)), "{page}");
    assert!(page.contains("Excluded, but not found: <bdi>&lt;script&gt;&quot;&#39;\\u{0}\u{202e}</bdi></p>"), "{page}");
    let detail = r"<dd><code><bdi>&quot;\&quot;&lt;b&gt;&amp;amp;&#39;\n[+]fake ok\r\u001b[31m\u0000\u{2028}🦀";
    assert!(page.contains(detail), "{page}");
    assert_eq!((page.matches("<script").count(), page.matches("<b>").count()), (1, 0), "{page}");
    assert!(!page.chars().any(|c| c.is_control() && c != '\n'), "{page}");
    let (_, text) = get(&health, "/readyz?verbose&format=text&exclude=%0A[%2B]x%20ok").await;
    let expected = concat!(
        "[-]odd failed: \"<b>&amp;'\\n[+]fake ok\\r\\u{1b}[31m\\u{0}\\u{2028}🦀 \u{202e}txet\n",
        "warn: some health checks cannot be excluded: no matches for \"\\n[+]x ok\"\n",
        "readyz check failed\n"
    );
    assert_eq!(text, expected);
}

#[tokio::test(start_paused = true)]
async fn h12_text_lines_equal_those_of_kube_apiserver() {
    let refused = || ready(Err::<(), _>(std::io::Error::from(std::io::ErrorKind::ConnectionRefused)));
    let health = health([
        up(Kind::Readiness, "a"),
        Check::readiness("b", refused),
        down(Kind::Readiness, "c"),
        Check::readiness("lag", || ready(Outcome::degraded("12s behind"))),
        up(Kind::Liveness, "l"),
    ]);
    let (code, text) = get(&health, "/readyz?verbose&format=text&exclude=c&exclude=nope&exclude=an%20other").await;
    let expected = concat!(
        "[+]a ok\n",
        "[-]b failed: connection refused\n",
        "[+]c excluded: ok\n",
        "[+]lag degraded: 12s behind\n",
        "warn: some health checks cannot be excluded: no matches for \"an other\",\"nope\"\n",
        "readyz check failed\n",
    );
    assert_eq!((code, text.as_str()), (503, expected));
    let live = (200, "[+]l ok\nlivez check passed\n".to_owned());
    assert_eq!(get(&health, "/livez?verbose&format=text").await, live);
    assert_eq!(get(&health, "/livez?format=text").await, (200, "healthy\n".to_owned()));
    assert_eq!(get(&health, "/readyz?format=text").await, (503, "unhealthy\n".to_owned()));
    let (_, overall) = get(&health, "/health?verbose&format=text").await;
    assert!(overall.ends_with("healthz check failed\n"), "{overall}");
}

#[tokio::test(start_paused = true)]
async fn the_name_is_in_the_title_of_the_page_and_the_service_id() {
    let named = |name: &str| builder([up(Kind::Readiness, "a")]).name(name).version("1.4.2").start().unwrap();
    let health = named("orders");
    let title = |page: &str| page.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0.to_owned();
    let (_, page) = get(&health, "/readyz?format=html").await;
    assert_eq!(title(&page), "orders · Healthy · Readiness");
    let (_, text) = get(&health, "/livez?format=health+json").await;
    assert_eq!(text, r#"{"status":"pass","version":"1.4.2","serviceId":"orders","checks":{}}"#);
    for format in ["json", "text", "spring", "microprofile"] {
        let (_, text) = get(&health, &format!("/readyz?verbose&format={format}")).await;
        assert!(!text.contains("orders"), "{text}");
    }
    for format in ["json", "text", "spring", "microprofile", "health+json", "html"] {
        let request = test::TestRequest::with_uri(&format!("/readyz?format={format}")).to_request();
        let app = test::init_service(App::new().service(health.service().expose(Expose::Status))).await;
        let body = test::call_and_read_body(&app, request).await;
        assert!(!String::from_utf8_lossy(&body).contains("orders"), "{format}: {body:?}");
    }
    let (_, page) = get(&named("</title>&\n"), "/health?format=html").await;
    assert_eq!(title(&page), "&lt;/title&gt;&amp;\n · Healthy · Health");
    let (_, page) = get(&builder([]).start().unwrap(), "/health?format=html").await;
    assert_eq!(title(&page), "Healthy · Health");
}
