//! The check against servers with rare behaviour.

mod bodies;
mod connections;
mod heads;
mod redirects;
mod secrets;
mod settings;

use std::sync::{Arc, Mutex, PoisonError};

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

use super::{Http, HttpBuilder};
use crate::checks::shared::test_support::server::{Connection, FakeServer};

/// An HTTP server that keeps its connections open.
struct HttpServer {
    server: FakeServer,
    heads: Arc<Mutex<Vec<String>>>,
}

impl HttpServer {
    /// Starts a server that calls `respond` with the head of every request, in lower case and without its last line. If it
    /// returns `false`, the connection is closed.
    fn start(respond: impl Fn(&str, &mut Connection) -> bool + Send + Sync + 'static) -> Self {
        Self::serve(move |_, head, connection| respond(head, connection))
    }

    /// Does the same with the number of the connection, which starts at 1, instead of the head.
    fn start_numbered(respond: impl Fn(usize, &mut Connection) -> bool + Send + Sync + 'static) -> Self {
        Self::serve(move |number, _, connection| respond(number, connection))
    }

    fn serve(respond: impl Fn(usize, &str, &mut Connection) -> bool + Send + Sync + 'static) -> Self {
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let recorded = Arc::clone(&heads);
        let server = FakeServer::start(move |number, mut connection| {
            while let Some(head) = read_head(&mut connection) {
                recorded.lock().unwrap_or_else(PoisonError::into_inner).push(head.clone());
                if !respond(number, &head, &mut connection) {
                    break;
                }
            }
        });
        Self { server, heads }
    }

    /// Starts a server with one response to every request.
    fn with_response(response: impl Into<String>) -> Self {
        let response = response.into();
        Self::start(move |_, connection| connection.try_send(&response))
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address())
    }

    fn get(&self) -> HttpBuilder {
        Http::get(self.url("/"))
    }

    /// Returns the head of a request of a check without added headers.
    fn plain_head(&self, line: &str) -> String {
        let version = env!("CARGO_PKG_VERSION");
        format!("{line}\nhost: {}\naccept: */*\nuser-agent: health-runtime/{version}\n", self.server.address())
    }

    fn connections(&self) -> usize {
        self.server.connections()
    }

    /// Returns the heads of all requests so far.
    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn read_head(connection: &mut Connection) -> Option<String> {
    let mut head = String::new();
    loop {
        match connection.read_line()? {
            line if line.is_empty() => return Some(head.to_lowercase()),
            line => head = head + &line + "\n",
        }
    }
}

/// Formats a response with a body.
fn response(code: u16, body: &str) -> String {
    format!("HTTP/1.1 {code} Reason\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// Creates a TLS configuration, which a client needs when the process has no default provider.
fn no_roots() -> ClientConfig {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    builder.with_safe_default_protocol_versions().unwrap().with_root_certificates(RootCertStore::empty()).with_no_client_auth()
}
