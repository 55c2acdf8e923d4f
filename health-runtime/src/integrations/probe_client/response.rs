//! An answer of HTTP/1.x, read from the bytes that have come so far.

use super::MOST_PRINTED;

/// No more is read, whatever is in it.
const LONGEST_HEAD: usize = 16 * 1024;
const LONGEST_ANSWER: usize = 64 * 1024;

/// Of a body no more is wanted. The last character may be cut in two, so these are as many bytes more as it takes to
/// leave it out.
const ENOUGH: usize = MOST_PRINTED + 4;

/// How much of an answer that is none is repeated in a sentence.
const QUOTED: usize = 40;

/// Status and body, as much of it as is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) code: u16,
    pub(super) body: Vec<u8>,
}

/// Where the body ends.
enum Framing {
    /// After so many bytes.
    Length(usize),
    Chunked,
    /// With the connection.
    Close,
}

struct Head {
    code: u16,
    framing: Framing,
}

impl Answer {
    /// `None` where more has to come. `ended`: no more comes. The error says what is wrong, behind a subject.
    pub(super) fn read(raw: &[u8], ended: bool) -> Result<Option<Self>, String> {
        // Said as soon as it is seen: what is no HTTP need not come to an end.
        if raw.iter().zip(b"HTTP/1.").any(|(byte, expected)| byte != expected) {
            let start = String::from_utf8_lossy(raw.get(..QUOTED).unwrap_or(raw)).into_owned();
            return Err(format!("did not answer in HTTP/1.1, but with {start:?}; give the port of an HTTP server"));
        }
        let answer = match split(raw, b"\r\n\r\n") {
            None if raw.len() > LONGEST_HEAD => return Err(format!("answered with more than {LONGEST_HEAD} bytes of headers")),
            None => None,
            Some((head, rest)) => {
                let head = Head::read(&String::from_utf8_lossy(head))?;
                head.body(rest, ended)?.map(|body| Self { code: head.code, body })
            }
        };
        match answer {
            None if ended => Err("closed the connection before its answer was whole".to_owned()),
            None if raw.len() > LONGEST_ANSWER => Err(format!("did not end its answer within {LONGEST_ANSWER} bytes")),
            answer => Ok(answer),
        }
    }
}

impl Head {
    fn read(head: &str) -> Result<Self, String> {
        let mut lines = head.split("\r\n");
        let line = lines.next().unwrap_or_default();
        let code = code(line).ok_or_else(|| format!("answered with the status line {line:?}, which has no code"))?;
        let mut framing = Framing::Close;
        for line in lines {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.trim();
            if name.eq_ignore_ascii_case("transfer-encoding") {
                if !value.eq_ignore_ascii_case("chunked") {
                    return Err(format!("answered in the transfer encoding {value:?}, which was not asked for"));
                }
                // Wins over a length, wherever that stands.
                framing = Framing::Chunked;
            } else if name.eq_ignore_ascii_case("content-length") && !matches!(framing, Framing::Chunked) {
                let length = number(value, 10).ok_or_else(|| format!("answered with a `Content-Length` of {value:?}"))?;
                if matches!(framing, Framing::Length(other) if other != length) {
                    return Err("answered with two lengths".to_owned());
                }
                framing = Framing::Length(length);
            }
        }
        if matches!(code, 204 | 304) {
            framing = Framing::Length(0);
        }
        Ok(Self { code, framing })
    }

    fn body(&self, rest: &[u8], ended: bool) -> Result<Option<Vec<u8>>, String> {
        let (body, is_whole) = match self.framing {
            Framing::Length(length) => (rest.get(..length).unwrap_or(rest).to_vec(), rest.len() >= length),
            Framing::Chunked => dechunk(rest).ok_or("answered in chunks that cannot be read")?,
            Framing::Close => (rest.to_vec(), ended),
        };
        Ok((is_whole || body.len() >= ENOUGH).then_some(body))
    }
}

/// The code in `HTTP/1.1 200 OK`.
fn code(line: &str) -> Option<u16> {
    let (version, rest) = line.split_once(' ')?;
    let minor = version.strip_prefix("HTTP/1.")?;
    let code = rest.split(' ').next().filter(|code| code.len() == 3)?;
    number(minor, 10).and(number(code, 10)?.try_into().ok()).filter(|code| (100..600).contains(code))
}

/// The chunks that have come, joined, and whether the last one is among them. `None` where they are no chunks.
fn dechunk(mut rest: &[u8]) -> Option<(Vec<u8>, bool)> {
    let mut body = Vec::new();
    while let Some((line, behind)) = split(rest, b"\r\n") {
        let line = str::from_utf8(line).ok()?;
        let size = number(line.split(';').next()?.trim(), 16)?;
        if size == 0 {
            // What may still come are trailers, which nobody wants.
            return Some((body, true));
        }
        let Some((chunk, behind)) = behind.split_at_checked(size) else {
            body.extend_from_slice(behind);
            return Some((body, false));
        };
        body.extend_from_slice(chunk);
        rest = match behind.strip_prefix(b"\r\n") {
            Some(next) => next,
            None if b"\r\n".starts_with(behind) => break,
            None => return None,
        };
    }
    Some((body, false))
}

/// `from_str_radix` would take a sign.
fn number(text: &str, radix: u32) -> Option<usize> {
    let is_plain = text.chars().all(|digit| digit.is_digit(radix));
    is_plain.then(|| usize::from_str_radix(text, radix).ok())?
}

/// What stands before and behind the first `mark`.
fn split<'b>(bytes: &'b [u8], mark: &[u8]) -> Option<(&'b [u8], &'b [u8])> {
    let at = bytes.windows(mark.len()).position(|window| window == mark)?;
    let (before, rest) = bytes.split_at(at);
    Some((before, rest.strip_prefix(mark)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answer(code: u16, body: &str) -> Answer {
        Answer { code, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn answers_are_read_however_the_body_ends() {
        for (raw, expected) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", answer(200, "{}")),
            ("HTTP/1.0 503 Service Unavailable\r\ncontent-length:2\r\nX: y\r\n\r\n{}and more", answer(503, "{}")),
            ("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", answer(200, "")),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}", answer(200, "{}")),
            ("HTTP/1.1 204 No Content\r\n\r\n", answer(204, "")),
            ("HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n", answer(304, "")),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n01;a=b\r\n}\r\n0\r\n", answer(200, "{}")),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\nContent-Length: 9\r\n\r\nA \r\n0123456789\r\n0\r\nX: y\r\n\r\n",
                answer(200, "0123456789"),
            ),
            ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", answer(200, "")),
        ] {
            assert_eq!(Answer::read(raw.as_bytes(), false), Ok(Some(expected)), "{raw:?}");
        }
        let open = b"HTTP/1.1 200 OK\r\n\r\n{}";
        assert_eq!(Answer::read(open, false), Ok(None), "more may come");
        assert_eq!(Answer::read(open, true), Ok(Some(answer(200, "{}"))));
    }

    #[test]
    fn what_is_no_answer_is_said_in_a_sentence() {
        let closed = "closed the connection before its answer was whole";
        for (raw, problem) in [
            ("", closed),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", closed),
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", closed),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", closed),
            (
                "SSH-2.0-OpenSSH_9.2 and what else there is to say",
                "did not answer in HTTP/1.1, but with \"SSH-2.0-OpenSSH_9.2 and what else there \"; give the port of an HTTP server",
            ),
            ("\0\u{1b}[2J", "did not answer in HTTP/1.1, but with \"\\0\\u{1b}[2J\"; give the port of an HTTP server"),
            (
                "HTTP/2 200\r\n\r\n",
                "did not answer in HTTP/1.1, but with \"HTTP/2 200\\r\\n\\r\\n\"; give the port of an HTTP server",
            ),
            ("HTTP/1.1\r\n\r\n", "answered with the status line \"HTTP/1.1\", which has no code"),
            ("HTTP/1.1 +20 OK\r\n\r\n", "answered with the status line \"HTTP/1.1 +20 OK\", which has no code"),
            ("HTTP/1.1 999 OK\r\n\r\n", "answered with the status line \"HTTP/1.1 999 OK\", which has no code"),
            ("HTTP/1.x 200 OK\r\n\r\n", "answered with the status line \"HTTP/1.x 200 OK\", which has no code"),
            ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "answered with a `Content-Length` of \"-1\""),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "answered with two lengths"),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
                "answered in the transfer encoding \"gzip\", which was not asked for",
            ),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "answered in chunks that cannot be read"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n", "answered in chunks that cannot be read"),
        ] {
            assert_eq!(Answer::read(raw.as_bytes(), true), Err(problem.to_owned()), "{raw:?}");
        }
    }

    #[test]
    fn no_more_is_read_than_is_wanted() {
        let head = "HTTP/1.1 200 OK\r\n\r\n";
        let read = |raw: String| Answer::read(raw.as_bytes(), false);
        assert_eq!(read(format!("{head}{}", "x".repeat(4099))), Ok(None));
        assert_eq!(read(format!("{head}{}", "x".repeat(4100))), Ok(Some(answer(200, &"x".repeat(4100)))));
        let endless = read(format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(16 * 1024)));
        assert_eq!(endless, Err("answered with more than 16384 bytes of headers".to_owned()));
        let crumbs = format!("1;{}\r\nx\r\n", "y".repeat(1000)).repeat(70);
        let crumbs = read(format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{crumbs}"));
        assert_eq!(crumbs, Err("did not end its answer within 65536 bytes".to_owned()));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(
            head in "(HTTP/1[.]1 200 OK\r\n((transfer-encoding: chunked|content-length: [0-9]{1,30})\r\n)?\r\n)?",
            rest in proptest::collection::vec(0_u8.., 0..200),
            ended: bool,
        ) {
            let _ = Answer::read(&[head.as_bytes(), &rest].concat(), ended);
        }

        #[test]
        fn in_any_pieces_it_is_the_same(chunks in proptest::collection::vec("[a-z\r\n0-9]{1,9}", 0..9), chunked: bool) {
            let body = chunks.concat();
            let raw = if chunked {
                let chunk = |text: &String| format!("{:x}\r\n{text}\r\n", text.len());
                let chunks = chunks.iter().map(chunk).collect::<Vec<_>>().concat();
                format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n")
            } else {
                format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
            };
            let whole = (1..=raw.len()).find(|length| Answer::read(&raw.as_bytes()[..*length], false) != Ok(None));
            prop_assert_eq!(whole, Some(raw.len()), "not before the last byte, and then at once");
            prop_assert_eq!(Answer::read(raw.as_bytes(), false), Ok(Some(answer(200, &body))));
        }
    }
}
