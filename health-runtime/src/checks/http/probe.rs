//! One run: a request, the redirects that it may follow, and the evaluation of the response.

use std::time::Duration;

use hyper::header::HeaderMap;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use url::Url;

use super::expectation::{Expectation, ResponseBody, drain};
use super::request::{CheckRequest, origin_form};
use crate::core::model::outcome::Outcome;

/// The time for the rest of a body that does not matter, after which the connection is closed instead of used again. Short,
/// because a run that starts meanwhile waits for it.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(100);

/// The request and the expected response.
pub(super) struct HttpProbe {
    pub(super) request: CheckRequest,
    pub(super) expectation: Expectation,
    pub(super) max_redirects: u32,
}

/// Sends the requests of one run.
pub(super) trait Session {
    type Body: ResponseBody;

    async fn send(&mut self, url: &Url, headers: HeaderMap) -> Result<Response<Self::Body>, Outcome>;

    /// Reads the rest of a body in the background, so that its connection can be used again.
    fn finish(&mut self, body: Self::Body);
}

/// A response of which the body has not arrived yet.
pub(super) struct Response<B> {
    pub(super) code: u16,
    pub(super) location: Option<Url>,
    /// Whether the client followed a redirect by itself.
    pub(super) is_redirected: bool,
    pub(super) body: B,
}

impl HttpProbe {
    /// Runs the check. A response other than the expected one is an error.
    pub(super) async fn run_over<S: Session>(&self, session: &mut S) -> Result<Outcome, Outcome> {
        let mut response = session.send(&self.request.url, self.request.headers.clone()).await?;
        for _ in 0..self.max_redirects {
            let Some(next) = response.redirect_target() else { break };
            session.finish(response.body);
            response = session.send(&next, self.request.headers_for(&next)).await?;
        }
        let Response { code, is_redirected, mut body, .. } = response;
        if is_redirected && self.max_redirects == 0 {
            return Err(Outcome::down("the client followed a redirect").with("code", code));
        }
        let outcome = self.expectation.evaluate(code, &mut body).await?;
        session.finish(body);
        Ok(outcome)
    }
}

impl<B> Response<B> {
    fn redirect_target(&self) -> Option<Url> {
        let is_redirect = matches!(self.code, 301 | 302 | 303 | 307 | 308);
        let is_valid = |url: &Url| matches!(url.scheme(), "http" | "https") && origin_form(url).is_some();
        self.location.clone().filter(|url| is_redirect && is_valid(url))
    }
}

/// Starts a task that reads the rest of a body, up to a maximum, and drops it.
pub(super) fn drain_later(body: impl ResponseBody + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(async { drop(timeout(DRAIN_TIMEOUT, drain(body)).await) })
}
