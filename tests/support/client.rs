//! A client with keep-alive, as those of Go, hyper and HAProxy.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use crate::http::{Connection, Response};

/// Keeps its connection for the next request.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    idle: Option<Connection>,
    repeated: usize,
}

impl Client {
    /// Creates a client without a connection.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self { address, idle: None, repeated: 0 }
    }

    /// Returns the number of repeated requests.
    #[must_use]
    pub fn repeated(&self) -> usize {
        self.repeated
    }

    /// Sends a `GET`. Repeats it only where its idle connection was closed.
    pub fn get(&mut self, path: &str) -> io::Result<Response> {
        if let Some(connection) = self.idle.take() {
            match self.send(connection, path) {
                (Err(error), false) if [ErrorKind::UnexpectedEof, ErrorKind::ConnectionReset].contains(&error.kind()) => {
                    self.repeated += 1;
                }
                (response, _) => return response,
            }
        }
        self.send(Connection::open(self.address)?, path).0
    }

    /// Returns the response, and whether a part of it was received.
    fn send(&mut self, mut connection: Connection, path: &str) -> (io::Result<Response>, bool) {
        let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n");
        let response = connection.send(request.as_bytes()).and_then(|()| connection.response());
        let received = connection.has_received();
        if response
            .as_ref()
            .is_ok_and(|response| !response.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close")))
        {
            self.idle = Some(connection);
        }
        (response, received)
    }
}
