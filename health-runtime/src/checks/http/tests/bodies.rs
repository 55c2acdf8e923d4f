//! How much of a body is read, and the search for the expected text.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use tokio::time::timeout;

use super::{HttpServer, response};
use crate::checks::http::probe::MAX_BODY_BYTES;
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
    let is_settled = || {
        let before = sent.load(Ordering::SeqCst);
        thread::sleep(Duration::from_millis(50));
        before == sent.load(Ordering::SeqCst)
    };
    while !is_settled() {}
    let sent = sent.load(Ordering::SeqCst);
    assert!((2 * MAX_BODY_BYTES..64 * MAX_BODY_BYTES).contains(&sent), "{sent}");
}

#[tokio::test]
async fn an_incomplete_body_is_down_unless_the_code_is_already_unexpected() {
    let cut = |code| format!("HTTP/1.1 {code} Reason\r\ncontent-length: 100\r\n\r\nnot a hundred");
    for (code, expected) in [(200, "Down: unexpected end of file"), (503, "Down: answered 503, code 503")] {
        let server = HttpServer::start(move |_, connection| {
            connection.send(cut(code));
            false
        });
        assert_eq!(summary(&server.get().build().unwrap().run().await), expected);
    }
}
