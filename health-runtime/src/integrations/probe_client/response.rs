//! Reads an HTTP/1.x response from the bytes of a connection, to the last byte of its body.

use httparse::{EMPTY_HEADER, Header, ParserConfig, Response, Status};

use crate::core::report::view::MAX_BODY_BYTES;

/// The maximum length of a head, and of a line between two chunks.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// The number of bytes of a body that are kept: every body of an endpoint, unless it is verbose. It is more than is printed, because
/// the last character may be incomplete.
const BODY_LIMIT: usize = MAX_BODY_BYTES;

/// The number of bytes of an invalid response that a message quotes.
const QUOTE_LIMIT: usize = 40;

/// Status code and body, the body up to [`BODY_LIMIT`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::integrations) struct HttpResponse {
    pub(in crate::integrations) status: u16,
    pub(in crate::integrations) body: Vec<u8>,
}

/// What the next bytes are.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Part {
    #[default]
    Head,
    /// A body of this many bytes.
    Length(u64),
    /// A body that ends with the connection.
    UntilClose,
    ChunkSize,
    /// This many bytes of a chunk.
    Chunk(u64),
    ChunkEnd,
}

/// Reads one response. It holds at most a head and the kept part of the body, however long the response is.
#[derive(Debug, Default)]
pub(super) struct ResponseReader {
    unread: Vec<u8>,
    part: Part,
    status: u16,
    body: Vec<u8>,
}

impl ResponseReader {
    /// Reads the next bytes; an empty slice means that the connection is closed. Returns the response once it is complete,
    /// and `None` before. Ignores bytes after its end. The error is the predicate of a sentence whose subject is the URL.
    pub(super) fn receive(&mut self, bytes: &[u8]) -> Result<Option<HttpResponse>, String> {
        let is_closed = bytes.is_empty();
        self.unread.extend_from_slice(bytes);
        loop {
            let before = (self.part, self.unread.len());
            match self.read_part(is_closed)? {
                Some(next) => self.part = next,
                None => return Ok(Some(HttpResponse { status: self.status, body: std::mem::take(&mut self.body) })),
            }
            if before == (self.part, self.unread.len()) {
                break;
            }
        }
        if is_closed { Err("closed the connection before the response was complete".to_owned()) } else { Ok(None) }
    }

    /// Returns the part that follows, the same one if it needs more bytes, and `None` at the end of the response.
    fn read_part(&mut self, is_closed: bool) -> Result<Option<Part>, String> {
        let malformed = || "sent a malformed chunked body".to_owned();
        let part = self.part;
        Ok(match part {
            Part::Head => match parse_head(&self.unread)? {
                Some((head_len, status, next)) => {
                    self.unread.drain(..head_len);
                    self.status = status;
                    Some(next)
                }
                None => Some(part),
            },
            Part::Length(left) => match self.read_body(left) {
                0 => None,
                left => Some(Part::Length(left)),
            },
            Part::UntilClose => {
                self.read_body(u64::MAX);
                (!is_closed).then_some(part)
            }
            Part::ChunkSize => {
                // `parse_chunk_size` takes a line without digits for the size 0.
                if self.unread.first().is_some_and(|byte| !byte.is_ascii_hexdigit()) {
                    return Err(malformed());
                }
                match httparse::parse_chunk_size(&self.unread).map_err(|_| malformed())? {
                    // Trailers are not awaited.
                    Status::Complete((_, 0)) => None,
                    Status::Complete((line_len, size)) => {
                        self.unread.drain(..line_len);
                        Some(Part::Chunk(size))
                    }
                    Status::Partial if self.unread.len() > MAX_HEAD_BYTES => return Err(malformed()),
                    Status::Partial => Some(part),
                }
            }
            Part::Chunk(left) => match self.read_body(left) {
                0 => Some(Part::ChunkEnd),
                left => Some(Part::Chunk(left)),
            },
            Part::ChunkEnd if self.unread.starts_with(b"\r\n") => {
                self.unread.drain(..2);
                Some(Part::ChunkSize)
            }
            Part::ChunkEnd if b"\r\n".starts_with(&self.unread) => Some(part),
            Part::ChunkEnd => return Err(malformed()),
        })
    }

    /// Moves at most `left` bytes to the body. Returns how many are left.
    fn read_body(&mut self, left: u64) -> u64 {
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(self.unread.len());
        let room = BODY_LIMIT - self.body.len();
        self.body.extend(self.unread.drain(..count).take(room));
        left - count as u64
    }
}

/// Returns the length of the head, the status code, and what follows; `None` if more bytes are needed.
fn parse_head(raw: &[u8]) -> Result<Option<(usize, u16, Part)>, String> {
    // One slot per line is enough, because each header takes at least one line.
    let mut headers = vec![EMPTY_HEADER; raw.split(|byte| *byte == b'\n').count()];
    let mut head = Response::new(&mut headers);
    match ParserConfig::default().ignore_invalid_headers_in_responses(true).parse_response(&mut head, raw) {
        Ok(Status::Complete(head_len)) => {
            let status = head.code.unwrap_or_default();
            Ok(Some((head_len, status, framing(status, head.headers)?)))
        }
        Ok(Status::Partial) if raw.len() > MAX_HEAD_BYTES => Err(format!("sent more than {MAX_HEAD_BYTES} bytes of headers")),
        Ok(Status::Partial) => Ok(None),
        Err(error) => {
            let start = String::from_utf8_lossy(raw.get(..QUOTE_LIMIT).unwrap_or(raw)).into_owned();
            Err(format!("sent an invalid HTTP/1.1 response ({error}): {start:?}; use the port of an HTTP server"))
        }
    }
}

/// Returns what follows a head: the body in its framing, or the next head.
fn framing(status: u16, headers: &[Header<'_>]) -> Result<Part, String> {
    match status {
        // Interim responses come before the final one. 101 is final: the server changes the protocol.
        100 | 102..=199 => return Ok(Part::Head),
        204 | 304 => return Ok(Part::Length(0)),
        _ => {}
    }
    let mut framing = Part::UntilClose;
    for header in headers {
        let value = String::from_utf8_lossy(header.value);
        let value = value.trim();
        if header.name.eq_ignore_ascii_case("transfer-encoding") {
            if !value.eq_ignore_ascii_case("chunked") {
                return Err(format!("sent the unsupported transfer encoding {value:?}"));
            }
            // Takes precedence over a length, in any order.
            framing = Part::ChunkSize;
        } else if header.name.eq_ignore_ascii_case("content-length") && framing != Part::ChunkSize {
            let digits = Some(value).filter(|value| value.bytes().all(|byte| byte.is_ascii_digit()));
            let length = digits.and_then(|digits| digits.parse().ok());
            let length = length.ok_or_else(|| format!("sent the invalid `Content-Length` {value:?}"))?;
            if matches!(framing, Part::Length(other) if other != length) {
                return Err("sent two different `Content-Length` headers".to_owned());
            }
            framing = Part::Length(length);
        }
    }
    Ok(framing)
}
