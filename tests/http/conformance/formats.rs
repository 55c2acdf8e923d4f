//! Formats, lines, characters and lengths of the bodies.

use std::io::{Error, ErrorKind};
use std::sync::mpsc;

use health_runtime::{Check, Expose, Kind, Outcome, ProbeRequest};
use health_tests::checks::{always, builder, down, up};
use health_tests::http;

use super::probes::{body, get, patient};
use super::served::Served;
use crate::formats::ODD;
use crate::json_schemas::validate;

fn refused() -> Check {
    Check::readiness("b", || async { Err::<(), _>(Error::from(ErrorKind::ConnectionRefused)) })
}

pub(super) fn h3_the_accept_header_never_changes_the_code<S: Served>() {
    let server = S::start(|| patient([down(Kind::Readiness, "a")]).start().unwrap().service());
    let long = "text/plain;q=0.1,".repeat(64 * 1024 / 17);
    for (accept, content_type) in [
        (None, "application/json"),
        (Some("*/*"), "application/json"),
        (Some("text/plain, text/*, */*"), "text/plain; charset=utf-8"),
        (Some("application/health+json"), "application/health+json"),
        (Some("image/png"), "application/json"),
        (Some("text/html"), "text/html; charset=utf-8"),
        (Some("garbage;;;=,q"), "application/json"),
        (Some(&*long), "text/plain; charset=utf-8"),
    ] {
        let headers: Vec<_> = accept.map(|accept| ("Accept", accept)).into_iter().collect();
        let response = http::request(server.address(), "GET", "/readyz", &headers).unwrap();
        assert_eq!((response.status, response.header("content-type")), (503, Some(content_type)));
    }
}

pub(super) fn h5_bodies_equal_the_documented_ones<S: Served>() {
    let server = S::start(|| {
        let disk = always(Kind::Readiness, "disk", || Outcome::up().with("room", 42.5));
        let loop_is_up = up(Kind::Liveness, "loop");
        patient([disk, refused(), loop_is_up]).version("1.4.2").start().unwrap().service()
    });
    let expected = concat!(
        r#"{"status":"unhealthy","checks":{"b":{"status":"down","latency_ms":_,"error":"connection refused"},"#,
        r#""disk":{"status":"up","latency_ms":_,"room":42.5}},"version":"1.4.2","uptime_seconds":_}"#
    );
    assert_eq!(get(&server, "/readyz"), (503, expected.to_owned()));
    let expected =
        r#"{"status":"healthy","checks":{"loop":{"status":"up","latency_ms":_}},"version":"1.4.2","uptime_seconds":_}"#;
    assert_eq!(get(&server, "/livez"), (200, expected.to_owned()));
}

pub(super) fn h6_a_body_has_at_most_8192_bytes<S: Served>() {
    let (sender, receiver) = mpsc::channel();
    let server = S::start(move || {
        let names = (0..200).map(|i| format!("check-{i:03}"));
        let health = builder(names.clone().map(|name| Check::reported(name, Kind::Readiness))).start().unwrap();
        let report = |name: String| {
            let reporter = health.reporter(&name).unwrap();
            // A character has three bytes, so byte 64 is inside one.
            reporter.down("€".repeat(10 * 1024 / 3));
            reporter
        };
        sender.send(names.map(report).collect::<Vec<_>>()).unwrap();
        health.service()
    });
    let _reporters = receiver.recv().unwrap();
    for format in ["json", "health%2Bjson"] {
        let response = http::get(server.address(), &format!("/readyz?format={format}")).unwrap();
        assert_eq!((response.status, response.body.len() <= 8_192), (503, true), "{} bytes", response.body.len());
        let json = response.json();
        if format == "json" {
            assert_eq!(json["truncated"], true);
            assert_eq!(json["checks"]["check-000"]["error"], format!("{}…", "€".repeat(21)));
        }
    }
}

pub(super) fn h7_special_characters_are_escaped<S: Served>() {
    let server = S::start(|| patient([always(Kind::Readiness, "odd", || Outcome::down(ODD))]).start().unwrap().service());
    let response = |path: &str| http::get(server.address(), path).unwrap();
    let json = response("/readyz");
    assert_eq!(json.json()["checks"]["odd"]["error"], ODD);
    assert!(!json.body.iter().any(|byte| *byte < 0x20), "{json:?}");
    let line = "[-]odd failed: \"<b>&amp;'\\n[+]fake ok\\r\\u{1b}[31m\\u{0}\\u{2028}🦀 \u{202e}txet\n";
    assert_eq!(response("/readyz?verbose&format=text").text(), format!("{line}readyz check failed\n"));
    let escaped = "<bdi>&quot;&lt;b&gt;&amp;amp;&#39;\n[+]fake ok\\r\\u{1b}[31m\\u{0}\\u{2028}🦀 \u{202e}txet</bdi>";
    let page = response("/readyz?format=html");
    assert!(page.text().contains(&format!(r#"<p class="reason">{escaped}</p>"#)), "{page:?}");
}

pub(super) fn h8_two_expose_levels_have_one_code<S: Served>() {
    let server = S::start(|| {
        let failing =
            Check::readiness("orders", || async { Err::<(), _>("table orders is gone from postgres://app:hunter2@db1") });
        let health = patient([failing]).version("1.4.2").start().unwrap();
        let is_operator = |request: &ProbeRequest<'_>| request.header("x-who") == Some("operator");
        health.service().expose(Expose::Status).expose_when(is_operator, Expose::Errors)
    });
    let probe = |path: &str, who: &str| {
        let response = http::request(server.address(), "GET", path, &[("X-Who", who)]).unwrap();
        (response.status, response.without_figures())
    };
    for path in ["/readyz", "/readyz?verbose", "/readyz?exclude=orders", "/health"] {
        assert_eq!(probe(path, "anonymous"), (503, r#"{"status":"unhealthy"}"#.to_owned()), "{path}");
    }
    assert_eq!(probe("/readyz/orders", "anonymous"), (404, r#"{"error":"not found"}"#.to_owned()));
    let error = r#""error":"check failed","cause":"table orders is gone from postgres://***@db1""#;
    let entry = format!(r#""orders":{{"status":"down","latency_ms":_,{error}}}"#);
    let expected = body("unhealthy", &entry).replace(r#","uptime"#, r#","version":"1.4.2","uptime"#);
    assert_eq!(probe("/readyz", "operator"), (503, expected));
}

pub(super) fn h10_h11_every_body_validates_against_its_schema<S: Served>() {
    let server = S::start(|| {
        let degraded = always(Kind::Readiness, "lag", || Outcome::degraded("12s behind").with("lag", [1, 2]));
        let checks = [up(Kind::Liveness, "loop"), refused(), degraded, down(Kind::Startup, "migration")];
        patient(checks).name("orders").version("1.4.2").start().unwrap().service()
    });
    for (format, query) in [("health+json", "health%2Bjson"), ("microprofile", "microprofile"), ("spring", "spring")] {
        for (path, code) in [("/livez", 200), ("/readyz", 503), ("/startupz", 503), ("/health", 503)] {
            let response = http::get(server.address(), &format!("{path}?format={query}")).unwrap();
            assert_eq!((response.status, validate(format, &response.json())), (code, Ok(())), "{path}: {response:?}");
        }
    }
}

pub(super) fn h12_text_lines_equal_those_of_kube_apiserver<S: Served>() {
    let server = S::start(|| {
        let degraded = always(Kind::Readiness, "lag", || Outcome::degraded("12s behind"));
        let checks = [up(Kind::Readiness, "a"), refused(), down(Kind::Readiness, "c"), degraded, up(Kind::Liveness, "l")];
        patient(checks).start().unwrap().service()
    });
    let expected = concat!(
        "[+]a ok\n",
        "[-]b failed: connection refused\n",
        "[+]c excluded: ok\n",
        "[+]lag degraded: 12s behind\n",
        "warn: some health checks cannot be excluded: no matches for \"an other\",\"nope\"\n",
        "readyz check failed\n",
    );
    let path = "/readyz?verbose&format=text&exclude=c&exclude=nope&exclude=an%20other";
    assert_eq!(get(&server, path), (503, expected.to_owned()));
    assert_eq!(get(&server, "/livez?verbose&format=text"), (200, "[+]l ok\nlivez check passed\n".to_owned()));
    assert_eq!(get(&server, "/readyz?format=text"), (503, "unhealthy\n".to_owned()));
}
