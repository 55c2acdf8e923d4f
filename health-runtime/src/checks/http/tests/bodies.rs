//! How much of a body is read, and the search for the expected text.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use reqwest::Client;
use tokio::time::timeout;

use super::{HttpServer, response};
use crate::checks::Http;
use crate::checks::http::expectation::MAX_BODY_BYTES;
use crate::checks::shared::test_support::summary::summary;

const MISSING: &str = "Down: body does not contain the expected text, code 200";

/// Far longer than a run takes.
const TIMEOUT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_text_is_found_across_chunks() {
    let chunked = |chunks: &[&str]| {
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_owned();
        chunks.iter().fold(head, |sent, chunk| format!("{sent}{:x}\r\n{chunk}\r\n", chunk.len())) + "0\r\n\r\n"
    };
    let table = [
        (response(200, r#"{"status":"grün"}"#), "Up, code 200"),
        (chunked(&[r#"{"status":"grün"}"#]), "Up, code 200"),
        (chunked(&["{", r#""stat"#, "us", r#"":"gr"#, r#"ün"}"#]), "Up, code 200"),
        (response(200, r#"{"status":"grau"}"#), MISSING),
        (response(200, r#"{"STATUS":"GRÜN"}"#), MISSING),
        (response(200, ""), MISSING),
        (response(500, r#"{"status":"grün"}"#), "Down: answered 500, code 500"),
    ];
    for (response, expected) in table {
        let server = HttpServer::with_response(response.clone());
        let http = server.get().body_contains(r#""status":"grün""#).build().unwrap();
        assert_eq!(summary(&http.run().await), expected, "{response}");
    }
}

#[tokio::test]
async fn a_text_is_found_between_bytes_that_are_not_utf_8() {
    let server =
        HttpServer::start(|_, connection| connection.try_send(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n\xff\xe2ready\xff"));
    assert_eq!(summary(&server.get().body_contains("ready").build().unwrap().run().await), "Up, code 200");
}

#[tokio::test]
async fn a_text_is_found_only_in_the_first_64_kib() {
    for (before, expected) in [(MAX_BODY_BYTES - 5, "Up, code 200"), (MAX_BODY_BYTES - 4, MISSING), (MAX_BODY_BYTES, MISSING)] {
        let server = HttpServer::with_response(response(200, &format!("{}ready, and more", " ".repeat(before))));
        assert_eq!(summary(&server.get().body_contains("ready").build().unwrap().run().await), expected, "{before}");
    }
}

/// The body is sent slowly, so that the buffers of the system do not take it without a reader.
#[tokio::test]
async fn an_endless_body_is_closed_after_64_kib() {
    let sent = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&sent);
    let server = HttpServer::start(move |_, connection| {
        let mut is_connected = connection.try_send("HTTP/1.1 200 OK\r\n\r\n");
        while is_connected {
            thread::sleep(Duration::from_millis(1));
            is_connected = connection.try_send([b'.'; 1024]);
            count.fetch_add(1024, Ordering::SeqCst);
        }
        false
    });
    let plain = server.get().build().unwrap();
    assert_eq!(summary(&timeout(TIMEOUT, plain.run()).await.unwrap()), "Up, code 200");
    let text = server.get().body_contains("ready").build().unwrap();
    assert_eq!(summary(&timeout(TIMEOUT, text.run()).await.unwrap()), MISSING);
    drop((plain, text));
    let is_settled = || {
        let before = sent.load(Ordering::SeqCst);
        thread::sleep(Duration::from_millis(50));
        before == sent.load(Ordering::SeqCst)
    };
    // The connection of the first one is closed when its body is abandoned.
    while !is_settled() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let sent = sent.load(Ordering::SeqCst);
    assert!((MAX_BODY_BYTES..64 * MAX_BODY_BYTES).contains(&sent), "{sent}");
}

/// Starts a server of bodies that stall after some bytes until the client closes.
fn server_that_stalls(code: u16, head: &'static str, start: &'static str) -> HttpServer {
    HttpServer::start(move |_, connection| {
        connection.send(format!("HTTP/1.1 {code} Reason\r\n{head}\r\n{start}"));
        connection.read_line();
        false
    })
}

/// With the check's client and with one of an application.
fn checks(server: &HttpServer, text: Option<&str>) -> [Http; 2] {
    let client = || Client::builder().tls_backend_preconfigured(super::no_roots()).build().unwrap();
    [server.get(), server.get().client(client())].map(|builder| match text {
        Some(text) => builder.body_contains(text).build().unwrap(),
        None => builder.build().unwrap(),
    })
}

#[tokio::test]
async fn a_body_that_does_not_end_delays_no_verdict() {
    let events = ("content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n", "d\r\ndata: ready\n\n\r\n");
    let stalled = ("content-length: 100\r\n", "ready");
    let nothing = ("content-length: 100\r\n", "");
    let to_the_end_of_the_connection = ("", "not yet, ready");
    let table = [
        (200, events, None, "Up, code 200"),
        (200, events, Some("ready"), "Up, code 200"),
        (503, events, None, "Down: answered 503, code 503"),
        (503, events, Some("ready"), "Down: answered 503, code 503"),
        (200, stalled, None, "Up, code 200"),
        (200, stalled, Some("ready"), "Up, code 200"),
        (500, stalled, Some("ready"), "Down: answered 500, code 500"),
        (200, nothing, None, "Up, code 200"),
        (404, nothing, Some("ready"), "Down: answered 404, code 404"),
        (200, to_the_end_of_the_connection, None, "Up, code 200"),
        (200, to_the_end_of_the_connection, Some("ready"), "Up, code 200"),
    ];
    for (code, (head, start), text, expected) in table {
        let server = server_that_stalls(code, head, start);
        for http in checks(&server, text) {
            for _ in 0..2 {
                let outcome = timeout(TIMEOUT, http.run()).await.expect("a verdict");
                assert_eq!(summary(&outcome), expected, "{code} {head:?} {start:?} {text:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_body_that_stalls_before_the_expected_text_is_cancelled_by_the_timeout() {
    let server = server_that_stalls(200, "content-length: 100\r\n", "not yet, rea");
    for http in checks(&server, Some("ready")) {
        assert!(timeout(Duration::from_millis(300), http.run()).await.is_err());
    }
}

#[tokio::test]
async fn an_incomplete_body_is_down_only_if_a_text_is_expected_in_the_rest() {
    let table = [
        (200, None, "Up, code 200"),
        (200, Some("not a"), "Up, code 200"),
        (200, Some("hundred!"), "Down: unexpected end of file"),
        (503, None, "Down: answered 503, code 503"),
    ];
    for (code, text, expected) in table {
        let server = HttpServer::start(move |_, connection| {
            connection.send(format!("HTTP/1.1 {code} Reason\r\ncontent-length: 100\r\n\r\nnot a hundred"));
            false
        });
        for http in checks(&server, text) {
            assert_eq!(summary(&http.run().await), expected, "{code} {text:?}");
        }
    }
}
