//! A connection to a memcached, and the little of its text protocol that the check needs.

use std::io::{self, ErrorKind};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::{Credentials, Fault};
use crate::checks::shared::host_port::Address;
use crate::checks::shared::resolve;

/// The most bytes of an answer, which is one line. A version takes some thirty.
const LONGEST_LINE: u64 = 512;

/// The key is ignored by a server that takes this for a login.
const LOGIN: &str = "set auth 0 0";

pub(super) struct Session {
    stream: BufReader<TcpStream>,
}

impl Session {
    pub(super) async fn open(address: &Address) -> io::Result<Self> {
        let stream = resolve::connect(&address.host, address.port).await?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// The version of the server, which is logged in to where it asks for that.
    pub(super) async fn version(&mut self, credentials: Option<&Credentials>) -> Result<String, Fault> {
        let mut answer = self.ask(b"version\r\n").await?;
        if answer.starts_with("CLIENT_ERROR unauthenticated") {
            self.log_in(credentials).await?;
            answer = self.ask(b"version\r\n").await?;
        }
        match answer.strip_prefix("VERSION ") {
            Some(version) if !version.is_empty() => Ok(version.to_owned()),
            _ => Err(unexpected(format!("memcached answered `{}`", answer.escape_debug()))),
        }
    }

    async fn log_in(&mut self, credentials: Option<&Credentials>) -> Result<(), Fault> {
        let Some(Credentials { user, password }) = credentials else {
            return Err(refused("memcached asks for credentials; add `credentials` to the builder"));
        };
        let length = user.len() + 1 + password.len();
        let answer = self.ask(format!("{LOGIN} {length}\r\n{user} {password}\r\n").as_bytes()).await?;
        match answer.as_str() {
            "STORED" => Ok(()),
            // Whatever it says to a password is not repeated.
            answer if answer.starts_with("CLIENT_ERROR") => Err(refused("memcached refused the credentials")),
            _ => Err(unexpected("memcached answered the credentials with neither yes nor no".to_owned())),
        }
    }

    /// Sends this, and returns the one line that answers it, without its end.
    async fn ask(&mut self, words: &[u8]) -> Result<String, Fault> {
        self.stream.write_all(words).await?;
        let mut line = Vec::new();
        (&mut self.stream).take(LONGEST_LINE).read_until(b'\n', &mut line).await?;
        match line.strip_suffix(b"\n") {
            Some(line) => Ok(String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned()),
            None if line.len() as u64 == LONGEST_LINE => {
                Err(unexpected(format!("memcached answered with a line longer than {LONGEST_LINE} bytes")))
            }
            None => Err(io::Error::new(ErrorKind::UnexpectedEof, "memcached closed before the end of its answer").into()),
        }
    }
}

fn refused(text: &'static str) -> Fault {
    Fault { class: Some("authentication failed"), error: io::Error::other(text) }
}

fn unexpected(text: String) -> Fault {
    Fault { class: Some("unexpected answer"), error: io::Error::other(text) }
}
