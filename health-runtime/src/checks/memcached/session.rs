//! A connection to a memcached server, and the commands of the text protocol that the check uses.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::Credentials;
use crate::checks::shared::connector::Connected;
use crate::checks::shared::outcome_from_error;
use crate::core::model::outcome::Outcome;

/// The maximum length of a response line in bytes. A version takes about thirty.
const MAX_LINE_BYTES: u64 = 512;

/// The start of a login. A server that takes it for a login ignores the key.
const LOGIN_COMMAND: &str = "set auth 0 0";

/// A question that every server and every proxy knows. The key is not used.
const GET_COMMAND: &[u8] = b"get health-runtime-no-such-key\r\n";

pub(super) struct Session {
    pub(super) address: SocketAddr,
    stream: BufReader<TcpStream>,
    /// Some proxies do not know `version`, which is then asked once per connection.
    knows_version: bool,
}

impl Session {
    pub(super) fn new(Connected { stream, address, .. }: Connected) -> Self {
        Self { address, stream: BufReader::new(stream), knows_version: true }
    }

    /// Asks for the version of the server, and returns it if the server has one. Logs in if the server requires it.
    pub(super) async fn version(&mut self, credentials: Option<&Credentials>) -> Result<Option<String>, Outcome> {
        let mut response = self.ask().await?;
        if response.starts_with("CLIENT_ERROR unauthenticated") {
            self.log_in(credentials).await?;
            response = self.ask().await?;
        }
        if self.knows_version && response == "ERROR" {
            self.knows_version = false;
            response = self.ask().await?;
        }
        match response.strip_prefix("VERSION") {
            Some(version) if version.is_empty() || version.starts_with(' ') => {
                Ok(Some(version.trim().to_owned()).filter(|version| !version.is_empty()))
            }
            None if !self.knows_version && response == "END" => Ok(None),
            _ => Err(unexpected_response(format!("memcached responded with `{}`", response.escape_debug()))),
        }
    }

    async fn ask(&mut self) -> Result<String, Outcome> {
        self.request(if self.knows_version { b"version\r\n" } else { GET_COMMAND }).await
    }

    async fn log_in(&mut self, credentials: Option<&Credentials>) -> Result<(), Outcome> {
        let Some(Credentials { user, password }) = credentials else {
            return Err(login_error("memcached requires credentials; set `credentials` on the builder"));
        };
        let length = user.len() + 1 + password.len();
        let response = self.request(format!("{LOGIN_COMMAND} {length}\r\n{user} {password}\r\n").as_bytes()).await?;
        // The response may contain the password, so no error repeats it.
        if response == "STORED" {
            Ok(())
        } else if response.starts_with("CLIENT_ERROR") {
            Err(login_error("memcached rejected the credentials"))
        } else {
            Err(unexpected_response("memcached neither accepted nor rejected the credentials".to_owned()))
        }
    }

    /// Sends a request and returns its response line without the line ending.
    async fn request(&mut self, request: &[u8]) -> Result<String, Outcome> {
        let line = self.exchange(request).await.map_err(|error| outcome_from_error(&error))?;
        match line.strip_suffix(b"\n") {
            Some(line) => Ok(String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned()),
            None if line.len() as u64 == MAX_LINE_BYTES => {
                Err(unexpected_response(format!("memcached responded with a line longer than {MAX_LINE_BYTES} bytes")))
            }
            None => {
                let text = "memcached closed the connection before the end of its response";
                Err(outcome_from_error(&io::Error::new(ErrorKind::UnexpectedEof, text)))
            }
        }
    }

    async fn exchange(&mut self, request: &[u8]) -> io::Result<Vec<u8>> {
        self.stream.write_all(request).await?;
        let mut line = Vec::new();
        (&mut self.stream).take(MAX_LINE_BYTES).read_until(b'\n', &mut line).await?;
        Ok(line)
    }
}

fn login_error(text: &'static str) -> Outcome {
    Outcome::failed_as("authentication failed", &io::Error::other(text))
}

fn unexpected_response(text: String) -> Outcome {
    Outcome::failed_as("unexpected answer", &io::Error::other(text))
}
