//! A client of the application.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hyper::body::Bytes;
use hyper::header::{HeaderMap, LOCATION};
use reqwest::{Client, Request};
use tokio::task::JoinHandle;
use url::Url;

use super::expectation::ResponseBody;
use super::outcome_from_request_error;
use super::probe::{HttpProbe, Response, Session, drain_later};
use crate::core::model::outcome::Outcome;

/// Replaces the request timeout of the client. Longer than any timeout of a check.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

/// How the debug output of a client shows that it follows no redirect. A client has no getter for it, and a text of the
/// application in that output cannot contain this, because its quotes are escaped.
const FOLLOWS_NONE: &str = r#"redirect_policy: "Policy(None)""#;

pub(super) struct GivenClient {
    client: Client,
    /// Reads the rest of the last body, after which the client can use its connection again.
    draining: Mutex<Option<JoinHandle<()>>>,
}

impl GivenClient {
    pub(super) fn new(client: Client) -> Self {
        Self { client, draining: Mutex::new(None) }
    }

    /// Returns whether the client may send a request to another URL than that of the request.
    pub(super) fn may_follow_redirects(&self) -> bool {
        !format!("{:?}", self.client).contains(FOLLOWS_NONE)
    }

    pub(super) async fn run(&self, probe: &HttpProbe) -> Result<Outcome, Outcome> {
        let draining = self.draining.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(draining) = draining {
            let _ = draining.await;
        }
        probe.run_over(&mut GivenSession { given: self, probe }).await
    }

    /// Sends the request, and again if the connection closes without a response: a server may close an idle connection just when
    /// it is used again.
    async fn execute(&self, request: impl Fn() -> Request) -> reqwest::Result<reqwest::Response> {
        match self.client.execute(request()).await {
            Err(error) if error.is_request() && !error.is_connect() && !error.is_timeout() => {
                self.client.execute(request()).await
            }
            other => other,
        }
    }
}

/// The requests of one run.
struct GivenSession<'c> {
    given: &'c GivenClient,
    probe: &'c HttpProbe,
}

impl Session for GivenSession<'_> {
    type Body = reqwest::Response;

    async fn send(&mut self, url: &Url, headers: HeaderMap) -> Result<Response<Self::Body>, Outcome> {
        let request = || {
            let mut request = Request::new(self.probe.request.method.clone(), url.clone());
            *request.timeout_mut() = Some(REQUEST_TIMEOUT);
            headers.clone_into(request.headers_mut());
            request
        };
        // The error shows the URL, which may contain secrets.
        let response = self.given.execute(request).await.map_err(|error| outcome_from_request_error(&error.without_url()))?;
        let location = response.headers().get(LOCATION).and_then(|location| response.url().join(location.to_str().ok()?).ok());
        let (code, is_redirected) = (response.status().as_u16(), response.url() != url);
        Ok(Response { code, location, is_redirected, body: response })
    }

    fn finish(&mut self, body: reqwest::Response) {
        *self.given.draining.lock().unwrap_or_else(PoisonError::into_inner) = Some(drain_later(body));
    }
}

impl ResponseBody for reqwest::Response {
    type Error = reqwest::Error;

    async fn chunk(&mut self) -> Result<Option<Bytes>, reqwest::Error> {
        self.chunk().await.map_err(reqwest::Error::without_url)
    }
}
