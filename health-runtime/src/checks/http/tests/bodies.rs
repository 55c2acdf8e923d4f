//! What is read of a body, and what is found in it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use tokio::time::timeout;

use super::{Site, answer};
use crate::checks::http::exchange::LONGEST_BODY;
use crate::checks::shared::test_support::server::told;

const MISSING: &str = "Down: body does not contain the expected text, code 200";

/// Far longer than it takes.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_text_is_found_wherever_the_chunks_end() {
    let chunked = |chunks: &[&str]| {
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_owned();
        chunks.iter().fold(head, |said, chunk| format!("{said}{:x}\r\n{chunk}\r\n", chunk.len())) + "0\r\n\r\n"
    };
    let table = [
        (answer(200, r#"{"status":"grün"}"#), "Up, code 200"),
        (chunked(&[r#"{"status":"grün"}"#]), "Up, code 200"),
        (chunked(&["{", r#""stat"#, "us", r#"":"gr"#, r#"ün"}"#]), "Up, code 200"),
        (answer(200, r#"{"status":"grau"}"#), MISSING),
        (answer(200, r#"{"STATUS":"GRÜN"}"#), MISSING),
        (answer(200, ""), MISSING),
        (answer(500, r#"{"status":"grün"}"#), "Down: answered 500, code 500"),
    ];
    for (answer, expected) in table {
        let site = Site::saying(answer.clone());
        let http = site.get().body_contains(r#""status":"grün""#).build().unwrap();
        assert_eq!(told(&http.run().await), expected, "{answer}");
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_hide_none() {
    let site = Site::start(|_, talk| talk.tell(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n\xff\xe2ready\xff"));
    assert_eq!(told(&site.get().body_contains("ready").build().unwrap().run().await), "Up, code 200");
}

#[tokio::test]
async fn a_text_counts_up_to_64_kib_and_not_beyond() {
    for (before, expected) in [(LONGEST_BODY - 5, "Up, code 200"), (LONGEST_BODY - 4, MISSING), (LONGEST_BODY, MISSING)] {
        let site = Site::saying(answer(200, &format!("{}ready, and more", " ".repeat(before))));
        assert_eq!(told(&site.get().body_contains("ready").build().unwrap().run().await), expected, "{before}");
    }
}

/// It comes slowly, so that no buffer of the system takes it in without a reader.
#[tokio::test]
async fn a_body_without_end_is_left_after_64_kib() {
    let sent = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&sent);
    let site = Site::start(move |_, talk| {
        let mut is_heard = talk.tell("HTTP/1.1 200 OK\r\n\r\n");
        while is_heard {
            thread::sleep(Duration::from_millis(1));
            is_heard = talk.tell([b'.'; 1024]);
            count.fetch_add(1024, Ordering::SeqCst);
        }
        false
    });
    let plain = site.get().build().unwrap();
    assert_eq!(told(&timeout(PATIENCE, plain.run()).await.unwrap()), "Up, code 200");
    let text = site.get().body_contains("ready").build().unwrap();
    assert_eq!(told(&timeout(PATIENCE, text.run()).await.unwrap()), MISSING);
    let settled = || {
        let before = sent.load(Ordering::SeqCst);
        thread::sleep(Duration::from_millis(50));
        before == sent.load(Ordering::SeqCst)
    };
    while !settled() {}
    let sent = sent.load(Ordering::SeqCst);
    assert!((2 * LONGEST_BODY..64 * LONGEST_BODY).contains(&sent), "{sent}");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_a_failure_unless_the_code_is_one_already() {
    let cut = |code| format!("HTTP/1.1 {code} As It Is\r\ncontent-length: 100\r\n\r\nnot a hundred");
    for (code, expected) in [(200, "Down: unexpected end of file"), (503, "Down: answered 503, code 503")] {
        let site = Site::start(move |_, talk| {
            talk.say(cut(code));
            false
        });
        assert_eq!(told(&site.get().build().unwrap().run().await), expected);
    }
}
