//! Parses an HTTP/1.x response from the bytes received so far.

use httparse::{EMPTY_HEADER, Header, ParserConfig, Response, Status};

use super::MAX_OUTPUT_BYTES;

const MAX_HEAD_BYTES: usize = 16 * 1024;
const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// A body of this length is not read further. It exceeds the printed length by one character of maximum size, because
/// the last character may be incomplete.
const BODY_LIMIT: usize = MAX_OUTPUT_BYTES + 4;

/// The number of bytes of an invalid response that a message quotes.
const QUOTE_LIMIT: usize = 40;

/// Status code and body, the body at least up to [`BODY_LIMIT`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HttpResponse {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// Where the body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    Length(usize),
    Chunked,
    UntilClose,
}

impl HttpResponse {
    /// Returns `None` if more bytes are needed. `closed` means that no more bytes follow. The error is the predicate of a
    /// sentence whose subject is the URL.
    pub(super) fn parse(raw: &[u8], closed: bool) -> Result<Option<Self>, String> {
        // One slot per line is enough, because each header takes at least one line.
        let mut headers = vec![EMPTY_HEADER; raw.split(|byte| *byte == b'\n').count()];
        let mut head = Response::new(&mut headers);
        let response = match ParserConfig::default().ignore_invalid_headers_in_responses(true).parse_response(&mut head, raw) {
            Ok(Status::Complete(head_len)) => {
                let status = head.code.unwrap_or_default();
                let body = body(framing(status, head.headers)?, raw.get(head_len..).unwrap_or_default(), closed)?;
                body.map(|body| Self { status, body })
            }
            Ok(Status::Partial) if raw.len() > MAX_HEAD_BYTES => {
                return Err(format!("sent more than {MAX_HEAD_BYTES} bytes of headers"));
            }
            Ok(Status::Partial) => None,
            Err(error) => {
                let start = String::from_utf8_lossy(raw.get(..QUOTE_LIMIT).unwrap_or(raw)).into_owned();
                return Err(format!("sent an invalid HTTP/1.1 response ({error}): {start:?}; use the port of an HTTP server"));
            }
        };
        match response {
            None if closed => Err("closed the connection before the response was complete".to_owned()),
            None if raw.len() > MAX_RESPONSE_BYTES => {
                Err(format!("sent more than {MAX_RESPONSE_BYTES} bytes without completing the response"))
            }
            response => Ok(response),
        }
    }
}

fn framing(status: u16, headers: &[Header<'_>]) -> Result<Framing, String> {
    let mut framing = Framing::UntilClose;
    for header in headers {
        let value = String::from_utf8_lossy(header.value);
        let value = value.trim();
        if header.name.eq_ignore_ascii_case("transfer-encoding") {
            if !value.eq_ignore_ascii_case("chunked") {
                return Err(format!("sent the unsupported transfer encoding {value:?}"));
            }
            // Takes precedence over a length, in any order.
            framing = Framing::Chunked;
        } else if header.name.eq_ignore_ascii_case("content-length") && framing != Framing::Chunked {
            let digits = Some(value).filter(|value| value.bytes().all(|byte| byte.is_ascii_digit()));
            let length = digits.and_then(|digits| digits.parse().ok());
            let length = length.ok_or_else(|| format!("sent the invalid `Content-Length` {value:?}"))?;
            if matches!(framing, Framing::Length(other) if other != length) {
                return Err("sent two different `Content-Length` headers".to_owned());
            }
            framing = Framing::Length(length);
        }
    }
    Ok(if matches!(status, 204 | 304) { Framing::Length(0) } else { framing })
}

fn body(framing: Framing, rest: &[u8], closed: bool) -> Result<Option<Vec<u8>>, String> {
    let (body, is_complete) = match framing {
        Framing::Length(length) => (rest.get(..length).unwrap_or(rest).to_vec(), rest.len() >= length),
        Framing::Chunked => decode_chunks(rest).ok_or("sent a malformed chunked body")?,
        Framing::UntilClose => (rest.to_vec(), closed),
    };
    Ok((is_complete || body.len() >= BODY_LIMIT).then_some(body))
}

/// Joins the chunks received so far. The flag is set once the last chunk has arrived; trailers are not awaited. Returns
/// `None` if the bytes are malformed.
fn decode_chunks(mut rest: &[u8]) -> Option<(Vec<u8>, bool)> {
    let mut body = Vec::new();
    loop {
        // `parse_chunk_size` takes a line without digits for the size 0.
        if rest.first().is_some_and(|byte| !byte.is_ascii_hexdigit()) {
            return None;
        }
        let Status::Complete((line_len, size)) = httparse::parse_chunk_size(rest).ok()? else { break };
        if size == 0 {
            return Some((body, true));
        }
        let data = rest.get(line_len..)?;
        let Some((chunk, next)) = data.split_at_checked(usize::try_from(size).ok()?) else {
            body.extend_from_slice(data);
            break;
        };
        body.extend_from_slice(chunk);
        rest = match next.strip_prefix(b"\r\n") {
            Some(next) => next,
            None if b"\r\n".starts_with(next) => break,
            None => return None,
        };
    }
    Some((body, false))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
            assert_eq!(HttpResponse::parse(raw.as_bytes(), false), Ok(Some(expected)), "{raw:?}");
        }
        let open = b"HTTP/1.1 200 OK\r\n\r\n{}";
        assert_eq!(HttpResponse::parse(open, false), Ok(None), "more bytes may follow");
        assert_eq!(HttpResponse::parse(open, true), Ok(Some(response(200, "{}"))));
    }

    #[test]
    fn invalid_responses_are_described() {
        let incomplete = "closed the connection before the response was complete";
        for (raw, problem) in [
            ("", incomplete),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", incomplete),
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", incomplete),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", incomplete),
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
            assert_eq!(HttpResponse::parse(raw.as_bytes(), true), Err(problem.to_owned()), "{raw:?}");
        }
    }

    #[test]
    fn parsing_stops_at_the_limits() {
        let head = "HTTP/1.1 200 OK\r\n\r\n";
        let parse = |raw: String| HttpResponse::parse(raw.as_bytes(), false);
        assert_eq!(parse(format!("{head}{}", "x".repeat(4099))), Ok(None));
        assert_eq!(parse(format!("{head}{}", "x".repeat(4100))), Ok(Some(response(200, &"x".repeat(4100)))));
        let endless_head = parse(format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(16 * 1024)));
        assert_eq!(endless_head, Err("sent more than 16384 bytes of headers".to_owned()));
        let small_chunks = format!("1;{}\r\nx\r\n", "y".repeat(1000)).repeat(70);
        let small_chunks = parse(format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{small_chunks}"));
        assert_eq!(small_chunks, Err("sent more than 65536 bytes without completing the response".to_owned()));
    }

    proptest! {
        #[test]
        fn any_bytes_are_parsed_or_rejected(
            head in "(HTTP/1[.]1 200 OK\r\n((transfer-encoding: chunked|content-length: [0-9]{1,30})\r\n)?\r\n)?",
            rest in proptest::collection::vec(0_u8.., 0..200),
            closed: bool,
        ) {
            let _ = HttpResponse::parse(&[head.as_bytes(), &rest].concat(), closed);
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
            let complete_at = (1..=raw.len()).find(|length| HttpResponse::parse(&raw.as_bytes()[..*length], false) != Ok(None));
            prop_assert_eq!(complete_at, Some(raw.len()));
            prop_assert_eq!(HttpResponse::parse(raw.as_bytes(), false), Ok(Some(response(200, &body))));
        }
    }
}
