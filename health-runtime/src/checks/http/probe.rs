//! One request, the redirects that it may follow, and the evaluation of the response.

use std::fmt;
use std::time::Duration;

use reqwest::header::LOCATION;
use reqwest::{Client, Error, Request, Response, Url};

use crate::core::model::outcome::Outcome;

/// The maximum number of bytes that are read of a body.
pub(super) const MAX_BODY_BYTES: usize = 64 * 1024;

/// Replaces the request timeout of a client. Longer than any timeout of a check.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

/// The request and the expected response.
pub(super) struct HttpProbe {
    pub(super) client: Client,
    pub(super) request: Request,
    /// The number of redirects that the probe follows. A client of the application follows them itself.
    pub(super) max_redirects: u32,
    /// Whether the response may come from another URL.
    pub(super) allow_other_url: bool,
    pub(super) expected_codes: Vec<u16>,
    pub(super) expected_text: Option<String>,
}

impl HttpProbe {
    /// Runs the check. The error shows the URL, which may contain secrets.
    pub(super) async fn run(&self) -> Result<Outcome, Error> {
        let mut response = self.send(self.request.url()).await?;
        for _ in 0..self.max_redirects {
            let Some(next) = redirect_target(&response) else { break };
            // The connection serves the next request only after this response is read.
            let _ = read_body(response).await;
            response = self.send(&next).await?;
        }
        self.evaluate(response).await
    }

    /// Sends the request, and again if the connection closes without a response: a server may close an idle connection just when
    /// it is used again.
    async fn send(&self, url: &Url) -> Result<Response, Error> {
        match self.client.execute(self.request_to(url)).await {
            Err(error) if error.is_request() && !error.is_connect() && !error.is_timeout() => {
                self.client.execute(self.request_to(url)).await
            }
            other => other,
        }
    }

    /// Creates the request for a URL. Headers may contain secrets, which a redirect must not send to another server.
    fn request_to(&self, url: &Url) -> Request {
        let mut request = Request::new(self.request.method().clone(), url.clone());
        *request.timeout_mut() = Some(REQUEST_TIMEOUT);
        if url.origin() == self.request.url().origin() {
            *request.headers_mut() = self.request.headers().clone();
        }
        request
    }

    async fn evaluate(&self, response: Response) -> Result<Outcome, Error> {
        let code = response.status().as_u16();
        let was_redirected = !self.allow_other_url && response.url() != self.request.url();
        let body = read_body(response).await;
        let outcome = if was_redirected {
            Outcome::down("the client followed a redirect")
        } else if !self.expected_codes.contains(&code) {
            Outcome::down(format!("answered {code}"))
        } else if is_missing(self.expected_text.as_deref(), &body?) {
            Outcome::down("body does not contain the expected text")
        } else {
            Outcome::up()
        };
        Ok(outcome.with("code", code))
    }
}

/// Returns the target of a redirect.
fn redirect_target(response: &Response) -> Option<Url> {
    let is_redirect = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = response.headers().get(LOCATION).filter(|_| is_redirect)?.to_str().ok()?;
    response.url().join(location).ok().filter(|target| matches!(target.scheme(), "http" | "https"))
}

/// Reads a body up to the maximum. A shorter one is read to its end, so that the connection serves the next request.
async fn read_body(mut response: Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while body.len() < MAX_BODY_BYTES
        && let Some(chunk) = response.chunk().await?
    {
        body.extend_from_slice(&chunk);
    }
    body.truncate(MAX_BODY_BYTES);
    Ok(body)
}

fn is_missing(text: Option<&str>, body: &[u8]) -> bool {
    text.is_some_and(|text| !String::from_utf8_lossy(body).contains(text))
}

impl fmt::Debug for HttpProbe {
    /// Omits credentials, query and headers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.request.url();
        write!(f, "{} {}{}", self.request.method(), url.origin().ascii_serialization(), url.path())
    }
}
