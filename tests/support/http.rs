//! A client for HTTP/1.1 that sends exactly the given bytes and returns the response unchanged.

use std::fmt::Write as _;
use std::io::{self, ErrorKind, Read, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// The timeout of a read, longer than every deadline of a server under test, also on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// One response.
#[derive(Debug, Clone)]
pub struct Response {
    /// The first line.
    pub line: String,
    /// The status code in it.
    pub status: u16,
    /// The headers in their order, names as they were written.
    pub headers: Vec<(String, String)>,
    /// The body, with the length of `Content-Length`.
    pub body: Vec<u8>,
    /// The number of reads until the response was complete.
    pub reads: usize,
}

impl Response {
    /// Returns the value of a header, or `None`. Panics if the header is there twice.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "`{name}` is there twice: {self:?}");
        value
    }

    /// Returns the body.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a body in UTF-8")
    }

    /// Returns the body with `_` instead of the numbers that differ in every run.
    #[must_use]
    pub fn without_figures(&self) -> String {
        mask_figures(self.text(), &["latency_ms", "uptime_seconds", "free_gb"])
    }

    /// Returns the body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// A connection with its unread bytes.
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

    /// Sets the timeout of each read.
    pub fn patient(&mut self, patience: Duration) -> io::Result<()> {
        self.stream.set_read_timeout(Some(patience))
    }

    /// Sends bytes. A server that has already responded and closed the connection is not an error: its response counts.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.stream.write_all(bytes) {
            Err(error) if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => Ok(()),
            other => other,
        }
    }

    /// Reads the next response, with a body of the declared length.
    pub fn response(&mut self) -> io::Result<Response> {
        self.next_response(true)
    }

    /// Reads the next response to a `HEAD`, which declares a length and has no body.
    pub fn response_to_head(&mut self) -> io::Result<Response> {
        self.next_response(false)
    }

    /// Closes the side of this client: it sends no more.
    pub fn close_write(&self) -> io::Result<()> {
        self.stream.shutdown(std::net::Shutdown::Write)
    }

    /// Returns whether bytes came in that are not part of a response yet.
    #[must_use]
    pub fn has_received(&self) -> bool {
        !self.received.is_empty()
    }

    /// Reads until the server closes the connection.
    pub fn rest(&mut self) -> io::Result<Vec<u8>> {
        while self.read()? > 0 {}
        Ok(std::mem::take(&mut self.received))
    }

    fn next_response(&mut self, with_body: bool) -> io::Result<Response> {
        let mut reads = 0;
        loop {
            if let Some((mut response, length)) = parse(&self.received, with_body)? {
                self.received.drain(..length);
                response.reads = reads;
                return Ok(response);
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

/// Sends a `GET` on a new connection.
pub fn get(address: SocketAddr, path: &str) -> io::Result<Response> {
    request(address, "GET", path, &[])
}

/// Returns the JSON of a response of any length, if there is one.
#[must_use]
pub fn get_json(address: SocketAddr, path: &str) -> Option<Value> {
    // HTTP/1.0, because a long response of HTTP/1.1 would come in chunks.
    let mut connection = Connection::open(address).ok()?;
    connection.send(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).ok()?;
    let response = String::from_utf8(connection.rest().ok()?).ok()?;
    let (_, body) = response.split_once("\r\n\r\n")?;
    serde_json::from_str(body).ok()
}

/// Sends a request without a body on a new connection.
pub fn request(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)]) -> io::Result<Response> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        let _infallible = write!(head, "{name}: {value}\r\n");
    }
    head.push_str("\r\n");
    let mut connection = Connection::open(address)?;
    connection.send(head.as_bytes())?;
    if method == "HEAD" { connection.response_to_head() } else { connection.response() }
}

/// Sends bytes on a new connection and reads one response.
pub fn raw(address: SocketAddr, bytes: &[u8]) -> io::Result<Response> {
    let mut connection = Connection::open(address)?;
    connection.send(bytes)?;
    connection.response()
}

/// Parses a response at the start of `bytes` and returns it with its length, or `None` while it is incomplete.
pub fn parse(bytes: &[u8], with_body: bool) -> io::Result<Option<(Response, usize)>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&bytes[..end]).map_err(|error| malformed(&error.to_string()))?;
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap_or_default().to_owned();
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(|| malformed(&line))?;
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned())))
        .collect::<Option<_>>()
        .ok_or_else(|| malformed(head))?;
    let mut response = Response { line, status, headers, body: Vec::new(), reads: 0 };
    let length = match response.header("content-length") {
        Some(length) if with_body => length.parse().map_err(|_| malformed(length))?,
        _ => 0,
    };
    let start = end + 4;
    let Some(body) = bytes.get(start..start + length) else { return Ok(None) };
    response.body = body.to_vec();
    Ok(Some((response, start + length)))
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
    io::Error::new(ErrorKind::InvalidData, format!("not a response of HTTP/1.1: {what:?}"))
}
