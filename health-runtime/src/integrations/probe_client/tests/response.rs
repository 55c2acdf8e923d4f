//! Responses of every form, complete and broken off.

use proptest::prelude::*;

use super::super::response::{HttpResponse, ResponseReader};

/// Reads these bytes, and then the end of the connection if `is_closed`.
fn read(raw: &[u8], is_closed: bool) -> Result<Option<HttpResponse>, String> {
    let mut reader = ResponseReader::default();
    match reader.receive(raw) {
        Ok(None) if is_closed => reader.receive(&[]),
        result => result,
    }
}

const INCOMPLETE: &str = "closed the connection before the response was complete";

fn response(status: u16, body: &str) -> HttpResponse {
    HttpResponse { status, body: body.as_bytes().to_vec() }
}

#[test]
fn every_framing_of_the_body_is_parsed() {
    for (raw, expected) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", response(200, "{}")),
        ("HTTP/1.0 503 Service Unavailable\r\ncontent-length:2\r\nX: y\r\n\r\n{}and more", response(503, "{}")),
        ("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", response(200, "")),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}", response(200, "{}")),
        ("HTTP/1.1 204 No Content\r\n\r\n", response(204, "")),
        ("HTTP/1.1 999 OK\r\nContent-Length: 0\r\n\r\n", response(999, "")),
        ("HTTP/1.1 200 OK\r\nX y\r\nContent-Length: 0\r\n\r\n", response(200, "")),
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n", response(304, "")),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n01;a=b\r\n}\r\n0\r\n", response(200, "{}")),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\nContent-Length: 9\r\n\r\nA \r\n0123456789\r\n0\r\nX: y\r\n\r\n",
            response(200, "0123456789"),
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", response(200, "")),
    ] {
        assert_eq!(read(raw.as_bytes(), false), Ok(Some(expected)), "{raw:?}");
    }
    let open = b"HTTP/1.1 200 OK\r\n\r\n{}";
    assert_eq!(read(open, false), Ok(None), "more bytes may follow");
    assert_eq!(read(open, true), Ok(Some(response(200, "{}"))));
}

#[test]
fn invalid_responses_are_described() {
    for (raw, problem) in [
        ("", INCOMPLETE),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", INCOMPLETE),
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", INCOMPLETE),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", INCOMPLETE),
        (
            "SSH-2.0-OpenSSH_9.2 followed by a long identification",
            "sent an invalid HTTP/1.1 response (invalid HTTP version): \"SSH-2.0-OpenSSH_9.2 followed by a long i\"; use the port of an HTTP server",
        ),
        (
            "\0\u{1b}[2J",
            "sent an invalid HTTP/1.1 response (invalid HTTP version): \"\\0\\u{1b}[2J\"; use the port of an HTTP server",
        ),
        (
            "HTTP/2 200\r\n\r\n",
            "sent an invalid HTTP/1.1 response (invalid HTTP version): \"HTTP/2 200\\r\\n\\r\\n\"; use the port of an HTTP server",
        ),
        (
            "HTTP/1.1\r\n\r\n",
            "sent an invalid HTTP/1.1 response (invalid HTTP version): \"HTTP/1.1\\r\\n\\r\\n\"; use the port of an HTTP server",
        ),
        (
            "HTTP/1.1 +20 OK\r\n\r\n",
            "sent an invalid HTTP/1.1 response (invalid response status): \"HTTP/1.1 +20 OK\\r\\n\\r\\n\"; use the port of an HTTP server",
        ),
        (
            "HTTP/1.x 200 OK\r\n\r\n",
            "sent an invalid HTTP/1.1 response (invalid HTTP version): \"HTTP/1.x 200 OK\\r\\n\\r\\n\"; use the port of an HTTP server",
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "sent the invalid `Content-Length` \"-1\""),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "sent two different `Content-Length` headers"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "sent the unsupported transfer encoding \"gzip\""),
        ("HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx", "sent the invalid `Content-Length` \"+1\""),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", "sent a malformed chunked body"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n;a\r\n", "sent a malformed chunked body"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "sent a malformed chunked body"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n", "sent a malformed chunked body"),
    ] {
        assert_eq!(read(raw.as_bytes(), true), Err(problem.to_owned()), "{raw:?}");
    }
}

#[test]
fn interim_responses_are_skipped() {
    let last = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\n{}";
    for interim in [
        "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n",
        "HTTP/1.1 199\r\nContent-Length: none\r\nTransfer-Encoding: gzip\r\n\r\n",
    ] {
        assert_eq!(read(format!("{interim}{last}").as_bytes(), false), Ok(Some(response(503, "{}"))), "{interim:?}");
        assert_eq!(read(interim.as_bytes(), false), Ok(None), "{interim:?}");
        assert_eq!(read(interim.as_bytes(), true), Err(INCOMPLETE.to_owned()), "{interim:?}");
    }
    assert_eq!(read(b"HTTP/1.1 101 Switching Protocols\r\nContent-Length: 0\r\n\r\n", false), Ok(Some(response(101, ""))));
}

#[test]
fn a_long_body_is_read_to_its_end() {
    let kept = response(200, &"x".repeat(8192));
    let data = "x".repeat(60_000);
    let half = "x".repeat(30_000);
    for (head, body) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n", data.clone()),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", format!("7530\r\n{half}\r\n7530\r\n{half}\r\n0\r\n")),
    ] {
        let raw = format!("{head}{body}");
        assert_eq!(read(raw.as_bytes(), false), Ok(Some(kept.clone())));
        for length in [head.len(), head.len() + 8_192, raw.len() / 2, raw.len() - 1] {
            assert_eq!(read(&raw.as_bytes()[..length], false), Ok(None), "{length}");
            assert_eq!(read(&raw.as_bytes()[..length], true), Err(INCOMPLETE.to_owned()), "{length}");
        }
    }
    for head in ["HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"] {
        let raw = format!("{head}{data}");
        assert_eq!(read(raw.as_bytes(), false), Ok(None), "the server may send more");
        assert_eq!(read(raw.as_bytes(), true), Ok(Some(kept.clone())));
    }
}

#[test]
fn heads_and_chunk_lines_have_a_maximum_length() {
    let head = read(format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(16 * 1024)).as_bytes(), false);
    assert_eq!(head, Err("sent more than 16384 bytes of headers".to_owned()));
    let line = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;{}", "y".repeat(16 * 1024));
    assert_eq!(read(line.as_bytes(), false), Err("sent a malformed chunked body".to_owned()));
}

proptest! {
    #[test]
    fn any_bytes_are_parsed_or_rejected(
        head in "(HTTP/1[.]1 200 OK\r\n((transfer-encoding: chunked|content-length: [0-9]{1,30})\r\n)?\r\n)?",
        rest in proptest::collection::vec(0_u8.., 0..200),
        closed: bool,
    ) {
        let _ = read(&[head.as_bytes(), &rest].concat(), closed);
    }

    #[test]
    fn a_response_is_complete_at_its_last_byte(chunks in proptest::collection::vec("[a-z\r\n0-9]{1,9}", 0..9), chunked: bool) {
        let body = chunks.concat();
        let raw = if chunked {
            let chunk = |text: &String| format!("{:x}\r\n{text}\r\n", text.len());
            let chunks = chunks.iter().map(chunk).collect::<Vec<_>>().concat();
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n")
        } else {
            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        };
        let mut reader = ResponseReader::default();
        let (last, first) = raw.as_bytes().split_last().unwrap();
        for byte in first {
            prop_assert_eq!(reader.receive(&[*byte]), Ok(None));
        }
        prop_assert_eq!(reader.receive(&[*last]), Ok(Some(response(200, &body))));
        prop_assert_eq!(read(format!("{raw}HTTP/1.1 500 Garbage\r\n").as_bytes(), true), Ok(Some(response(200, &body))));
    }
}
