//! Heads of responses with many, long or malformed fields, none of which matters.

use super::HttpServer;
use crate::checks::shared::test_support::summary::{error_chain, summary};

async fn run_against(head: String) -> crate::Outcome {
    HttpServer::with_response(head).get().build().unwrap().run().await
}

fn with_fields(count: usize) -> String {
    let fields = (1..count).fold(String::new(), |fields, number| fields + &format!("x-{number}: some value\r\n"));
    format!("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n{fields}\r\n")
}

#[tokio::test]
async fn up_to_4096_fields_are_accepted() {
    for count in [1, 100, 101, 1000, 4096] {
        assert_eq!(summary(&run_against(with_fields(count)).await), "Up, code 200", "{count}");
    }
    let outcome = run_against(with_fields(4097)).await;
    assert_eq!(summary(&outcome), "Down: check failed");
    assert!(error_chain(&outcome).contains("message head is too large"), "{}", error_chain(&outcome));
}

#[tokio::test]
async fn malformed_fields_do_not_matter() {
    let fields = [
        "x-spaces : before the colon",
        "x-folded: first\r\n second",
        "in valid: a space in the name",
        "x-bytes: \u{e9}\u{fc}",
        "x-control: a\u{1}b",
        "no colon",
        ": no name",
        "x-empty:",
        "location: ::",
        "content-type: \u{fffd}",
        "set-cookie: a=b\r\nset-cookie: a=c",
        "connection: close",
        "keep-alive: timeout=nonsense",
        "date: yesterday",
    ];
    for field in fields {
        let head = format!("HTTP/1.1 200 OK\r\n{field}\r\ncontent-length: 0\r\n\r\n");
        let outcome = run_against(head).await;
        assert_eq!(summary(&outcome), "Up, code 200", "{field:?} {outcome:?}");
    }
}

#[tokio::test]
async fn the_reason_phrase_and_the_minor_version_do_not_matter() {
    let lines = ["HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.0 200 OK", "HTTP/1.1 200 \u{c7}a va", "HTTP/1.1 200 OK\tthen"];
    for line in lines {
        let outcome = run_against(format!("{line}\r\ncontent-length: 0\r\n\r\n")).await;
        assert_eq!(summary(&outcome), "Up, code 200", "{line:?} {outcome:?}");
    }
}

#[tokio::test]
async fn interim_responses_are_skipped() {
    let head = "HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(summary(&run_against(head.to_owned()).await), "Up, code 200");
}
