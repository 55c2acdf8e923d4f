//! Against servers that do what real ones do only now and then.

mod bodies;
mod connections;
mod redirects;
mod secrets;
mod settings;

use std::sync::{Arc, Mutex, PoisonError};

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

use super::{Http, HttpBuilder};
use crate::checks::shared::test_support::server::{Fake, Talk};

/// A server that answers request after request on each of its connections.
struct Site {
    fake: Fake,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Site {
    /// Calls `answer` with the head of every request, in lower case and without its last line. Where that gives `false`, the
    /// connection is closed.
    fn start(answer: impl Fn(&str, &mut Talk) -> bool + Send + Sync + 'static) -> Self {
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&heads);
        let fake = Fake::start(move |_, mut talk| {
            while let Some(head) = head(&mut talk) {
                seen.lock().unwrap_or_else(PoisonError::into_inner).push(head.clone());
                if !answer(&head, &mut talk) {
                    break;
                }
            }
        });
        Self { fake, heads }
    }

    /// One that says the same to everybody.
    fn saying(answer: impl Into<String>) -> Self {
        let answer = answer.into();
        Self::start(move |_, talk| talk.tell(&answer))
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.fake.address())
    }

    fn get(&self) -> HttpBuilder {
        Http::get(self.url("/"))
    }

    /// The head of a request by a check that adds no headers.
    fn bare_head(&self, line: &str) -> String {
        let version = env!("CARGO_PKG_VERSION");
        format!("{line}\naccept: */*\nuser-agent: health-runtime/{version}\nhost: {}\n", self.fake.address())
    }

    /// The heads of all requests so far.
    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn head(talk: &mut Talk) -> Option<String> {
    let mut head = String::new();
    loop {
        match talk.line()? {
            line if line.is_empty() => return Some(head.to_lowercase()),
            line => head = head + &line + "\n",
        }
    }
}

/// An answer with a body.
fn answer(code: u16, body: &str) -> String {
    format!("HTTP/1.1 {code} As It Is\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// What a client needs to be made at all, where the process has no default.
fn no_roots() -> ClientConfig {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    builder.with_safe_default_protocol_versions().unwrap().with_root_certificates(RootCertStore::empty()).with_no_client_auth()
}
