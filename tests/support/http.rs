//! A client for HTTP/1.1 that changes nothing: it sends the bytes it is given and shows the answer as it came.

use std::fmt::Write as _;
use std::io::{self, ErrorKind, Read, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// How long a read may take. Longer than every deadline of a server under test.
const PATIENCE: Duration = Duration::from_secs(10);

/// One answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The first line.
    pub line: String,
    /// The code in it.
    pub status: u16,
    /// The headers in their order, names as they were written.
    pub headers: Vec<(String, String)>,
    /// As many bytes as `Content-Length` says.
    pub body: Vec<u8>,
    /// How many reads it took until the answer was complete.
    pub reads: usize,
}

impl Answer {
    /// The value of a header that stands there once. `None` if it is missing; a panic if it is there twice.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(held, _)| held.eq_ignore_ascii_case(name));
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "`{name}` stands there twice: {self:?}");
        value
    }

    /// The body.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a body in UTF-8")
    }

    /// The body, with `_` in place of the figures that differ from one run to the next.
    #[must_use]
    pub fn without_figures(&self) -> String {
        mask_figures(self.text(), &["latency_ms", "uptime_seconds", "free_gb"])
    }

    /// The body, read as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// A connection, with what came in and was not asked for yet.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { stream, received: Vec::new() })
    }

    /// Lets each read take this long.
    pub fn patient(&mut self, patience: Duration) -> io::Result<()> {
        self.stream.set_read_timeout(Some(patience))
    }

    /// Sends bytes as they are. A server that has answered and closed already is no error here: its answer counts.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.stream.write_all(bytes) {
            Err(error) if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => Ok(()),
            other => other,
        }
    }

    /// The next answer, with a body of the length that it declares.
    pub fn answer(&mut self) -> io::Result<Answer> {
        self.next_answer(true)
    }

    /// The next answer, which declares a length and has no body: that of a `HEAD`.
    pub fn answer_to_head(&mut self) -> io::Result<Answer> {
        self.next_answer(false)
    }

    /// Whether anything came in that was not part of an answer yet.
    #[must_use]
    pub fn has_received(&self) -> bool {
        !self.received.is_empty()
    }

    /// All that comes until the server closes.
    pub fn rest(&mut self) -> io::Result<Vec<u8>> {
        while self.read()? > 0 {}
        Ok(std::mem::take(&mut self.received))
    }

    fn next_answer(&mut self, with_body: bool) -> io::Result<Answer> {
        let mut reads = 0;
        loop {
            if let Some((mut answer, length)) = parse(&self.received, with_body)? {
                self.received.drain(..length);
                answer.reads = reads;
                return Ok(answer);
            }
            reads += 1;
            if self.read()? == 0 {
                let text = format!("closed after {:?}", String::from_utf8_lossy(&self.received));
                return Err(io::Error::new(ErrorKind::UnexpectedEof, text));
            }
        }
    }

    fn read(&mut self) -> io::Result<usize> {
        let mut buffer = vec![0; 65_536];
        let count = self.stream.read(&mut buffer)?;
        self.received.extend_from_slice(&buffer[..count]);
        Ok(count)
    }
}

/// One `GET` on a connection of its own.
pub fn get(address: SocketAddr, path: &str) -> io::Result<Answer> {
    request(address, "GET", path, &[])
}

/// One request without a body on a connection of its own.
pub fn request(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)]) -> io::Result<Answer> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        let _infallible = write!(head, "{name}: {value}\r\n");
    }
    head.push_str("\r\n");
    let mut connection = Connection::open(address)?;
    connection.send(head.as_bytes())?;
    if method == "HEAD" { connection.answer_to_head() } else { connection.answer() }
}

/// Sends bytes on a connection of their own and reads one answer.
pub fn raw(address: SocketAddr, bytes: &[u8]) -> io::Result<Answer> {
    let mut connection = Connection::open(address)?;
    connection.send(bytes)?;
    connection.answer()
}

/// Reads one answer from the front of `bytes` and says how many bytes it has; `None` while it is incomplete.
pub fn parse(bytes: &[u8], with_body: bool) -> io::Result<Option<(Answer, usize)>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&bytes[..end]).map_err(|error| malformed(&error.to_string()))?;
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap_or_default().to_owned();
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(|| malformed(&line))?;
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned())))
        .collect::<Option<_>>()
        .ok_or_else(|| malformed(head))?;
    let mut answer = Answer { line, status, headers, body: Vec::new(), reads: 0 };
    let length = match answer.header("content-length") {
        Some(length) if with_body => length.parse().map_err(|_| malformed(length))?,
        _ => 0,
    };
    let start = end + 4;
    let Some(body) = bytes.get(start..start + length) else { return Ok(None) };
    answer.body = body.to_vec();
    Ok(Some((answer, start + length)))
}

/// Replaces the number of each of these keys of JSON by `_`.
#[must_use]
pub fn mask_figures(text: &str, keys: &[&str]) -> String {
    keys.iter().fold(text.to_owned(), |text, key| {
        let key = format!("\"{key}\":");
        let mut pieces = text.split(&key);
        let first = pieces.next().unwrap_or_default().to_owned();
        pieces.fold(first, |text, piece| format!("{text}{key}_{}", after_figure(piece)))
    })
}

fn after_figure(text: &str) -> &str {
    let rest = text.trim_start_matches(|digit: char| digit.is_ascii_digit() || digit == '.');
    assert!(text[..text.len() - rest.len()].parse::<f64>().is_ok(), "no figure: {text}");
    rest
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("no answer of HTTP/1.1: {what:?}"))
}
