//! One question: a request, the redirects that it may follow, and what is read of the answer.

use std::fmt;
use std::time::Duration;

use reqwest::header::LOCATION;
use reqwest::{Client, Error, Request, Response, StatusCode, Url};

use crate::core::model::outcome::Outcome;

/// The most bytes that are read of a body.
pub(super) const LONGEST_BODY: usize = 64 * 1024;

/// In place of the limit that a client has for a whole request. Longer than any check may take.
const LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// What is asked, and what is expected.
pub(super) struct Exchange {
    pub(super) client: Client,
    pub(super) request: Request,
    /// How many redirects are followed here. A client that was given follows them itself.
    pub(super) redirects: u32,
    /// Whether the answer may be that of another URL.
    pub(super) may_lead_elsewhere: bool,
    pub(super) expected: Vec<u16>,
    pub(super) text: Option<String>,
}

impl Exchange {
    pub(super) async fn ask(&self) -> Result<Outcome, Error> {
        // The URL may hold secrets, and an error shows it whole.
        self.answer().await.map_err(Error::without_url)
    }

    async fn answer(&self) -> Result<Outcome, Error> {
        let mut response = self.send(self.request.url()).await?;
        for _ in 0..self.redirects {
            let Some(next) = target(&response) else { break };
            // The connection serves the next request only once this answer is read.
            let _ = body(response).await;
            response = self.send(&next).await?;
        }
        self.judge(response).await
    }

    /// A server may close an idle connection at the very moment at which it is used again, so what got no answer is sent anew.
    async fn send(&self, url: &Url) -> Result<Response, Error> {
        match self.client.execute(self.request_to(url)).await {
            Err(error) if error.is_request() && !error.is_connect() && !error.is_timeout() => {
                self.client.execute(self.request_to(url)).await
            }
            other => other,
        }
    }

    /// The headers may hold secrets, which a redirect must not carry to another server.
    fn request_to(&self, url: &Url) -> Request {
        let mut request = Request::new(self.request.method().clone(), url.clone());
        *request.timeout_mut() = Some(LIMIT);
        if url.origin() == self.request.url().origin() {
            *request.headers_mut() = self.request.headers().clone();
        }
        request
    }

    async fn judge(&self, response: Response) -> Result<Outcome, Error> {
        let code = response.status().as_u16();
        let led_astray = !self.may_lead_elsewhere && response.url() != self.request.url();
        let body = body(response).await;
        let outcome = if led_astray {
            Outcome::down("the client followed a redirect")
        } else if !self.expected.contains(&code) {
            Outcome::down(format!("answered {code}"))
        } else if is_missing(self.text.as_deref(), &body?) {
            Outcome::down("body does not contain the expected text")
        } else {
            Outcome::up()
        };
        Ok(outcome.with("code", code))
    }
}

/// Where a redirect leads.
fn target(response: &Response) -> Option<Url> {
    let is_redirect = matches!(
        response.status(),
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    );
    let location = response.headers().get(LOCATION).filter(|_| is_redirect)?.to_str().ok()?;
    response.url().join(location).ok().filter(|target| matches!(target.scheme(), "http" | "https"))
}

/// A body, as far as it is read. To its end, where that is near, so that the connection serves the next question.
async fn body(mut response: Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while body.len() < LONGEST_BODY
        && let Some(chunk) = response.chunk().await?
    {
        body.extend_from_slice(&chunk);
    }
    body.truncate(LONGEST_BODY);
    Ok(body)
}

fn is_missing(text: Option<&str>, body: &[u8]) -> bool {
    text.is_some_and(|text| !String::from_utf8_lossy(body).contains(text))
}

impl fmt::Debug for Exchange {
    /// Without credentials, query and headers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.request.url();
        write!(f, "{} {}{}", self.request.method(), url.origin().ascii_serialization(), url.path())
    }
}
