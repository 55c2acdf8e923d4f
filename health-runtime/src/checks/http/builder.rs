//! The builder of the check, and the validation of its settings.

use std::ops::RangeInclusive;
use std::sync::Arc;

use hyper::Method;
use reqwest::Client;

use super::client::{self, HttpTarget};
use super::expectation::{Expectation, MAX_BODY_BYTES};
use super::given_client::GivenClient;
use super::own_client::OwnClient;
use super::probe::HttpProbe;
use super::request::{CheckRequest, add_authorization, parse_headers, parse_url};
use super::{Http, tls};
use crate::checks::build_error::{BuildError, build_if_valid};
use crate::checks::shared::{SingleFlight, partial_debug};

const MAX_REDIRECTS: u32 = 10;

const CODES: RangeInclusive<u16> = 100..=599;

/// Configures and builds an [`Http`]. Created by [`Http::get`] and [`Http::head`].
#[must_use = "no check is created until `build`"]
pub struct HttpBuilder {
    method: Method,
    url: String,
    expected_codes: Vec<u16>,
    expected_text: Option<String>,
    max_redirects: u32,
    headers: Vec<(String, String)>,
    client: Option<Client>,
}

impl Http {
    /// Creates a builder for a GET request to an `http` or `https` URL that expects a code from 200 to 299.
    ///
    /// A user and a password in the URL are sent as basic authentication. They and the query of the URL are never shown.
    pub fn get(url: impl Into<String>) -> HttpBuilder {
        HttpBuilder::new(Method::GET, url.into())
    }

    /// Creates a builder for a HEAD request to an `http` or `https` URL that expects a code from 200 to 299.
    ///
    /// The response to HEAD has no body. Not every server handles HEAD as it handles GET.
    pub fn head(url: impl Into<String>) -> HttpBuilder {
        HttpBuilder::new(Method::HEAD, url.into())
    }
}

impl HttpBuilder {
    fn new(method: Method, url: String) -> Self {
        let expected_codes = (200..=299).collect();
        Self { method, url, expected_codes, expected_text: None, max_redirects: 0, headers: Vec::new(), client: None }
    }

    /// Sets the expected status codes, 200 to 299 by default: `.expect(200..=399)`, `.expect([200, 401])`.
    pub fn expect(mut self, codes: impl IntoIterator<Item = u16>) -> Self {
        // A range may have no end.
        self.expected_codes = codes.into_iter().take(CODES.len() + 1).collect();
        self
    }

    /// Expects this text in the first 64 KiB of the body, with the same case. Only for GET requests.
    pub fn body_contains(mut self, text: impl Into<String>) -> Self {
        self.expected_text = Some(text.into());
        self
    }

    /// Follows up to `max` redirects, to any server: at most 10, none by default. The code of a further redirect is evaluated.
    ///
    /// The headers of the check and the credentials in its URL are sent only to the scheme, host and port of the URL.
    pub fn follow_redirects(mut self, max: u32) -> Self {
        self.max_redirects = max;
        self
    }

    /// Adds a header to the request. Its value may be a secret and is never shown.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Uses a client of the application, of reqwest 0.13, with its proxy, certificates, resolver and connections.
    ///
    /// The request timeout of the client is ignored, because the check has a `timeout`. The client's connect and read timeouts
    /// apply, so they should be longer than the check's `timeout`, or unset. How long it keeps connections, and how many header
    /// fields it accepts, is the client's choice.
    ///
    /// By default a client follows redirects by itself. Without [`follow_redirects`](Self::follow_redirects) that is down, `the
    /// client followed a redirect`. With it, the redirect is allowed, and the client's maximum counts. A client that follows
    /// redirects would also send the check's headers and query to other servers: a check with a [`header`](Self::header),
    /// credentials or a query needs a client with `redirect(reqwest::redirect::Policy::none())`, for which the check follows
    /// redirects itself.
    pub fn client(mut self, client: Client) -> Self {
        self.client = Some(client);
        self
    }

    /// Creates the check. It sends its request at the first run. Without a [`client`](Self::client) it loads the root
    /// certificates now, if the URL is `https` or redirects are followed.
    ///
    /// # Errors
    ///
    /// Returns an error if the URL, a header, a status code, the text or the number of redirects is invalid; if a HEAD request
    /// expects a body; if a client that may follow redirects would send secrets to other servers; or if there is no TLS provider
    /// or no root certificate for an `https` URL.
    pub fn build(self) -> Result<Http, BuildError> {
        let mut problems = Vec::new();
        let url = parse_url(&self.url).map_err(|problem| problems.push(problem)).ok();
        problems.extend(codes_problem(&self.expected_codes));
        problems.extend(self.expected_text.as_deref().and_then(|text| text_problem(text, &self.method)));
        if self.max_redirects > MAX_REDIRECTS {
            problems.push(format!("`follow_redirects` is {}; the maximum is {MAX_REDIRECTS}", self.max_redirects));
        }
        let mut headers = parse_headers(&self.headers, &mut problems);
        let Some((url, authorization)) = url else { return Err(BuildError::new("Http", problems)) };
        add_authorization(&mut headers, authorization);
        let request = CheckRequest { method: self.method, url, headers };
        let client = match self.client {
            Some(client) => given_client(client, &request, &mut problems),
            None => own_client(&request, self.max_redirects, &mut problems),
        };
        let expectation = Expectation { codes: self.expected_codes, text: self.expected_text };
        build_if_valid("Http", problems, || {
            let probe = HttpProbe { request, expectation, max_redirects: self.max_redirects };
            Http { flight: Arc::new(SingleFlight::new(HttpTarget { probe, client })) }
        })
    }
}

fn given_client(client: Client, request: &CheckRequest, problems: &mut Vec<String>) -> client::Client {
    let client = GivenClient::new(client);
    if request.has_secrets() && client.may_follow_redirects() {
        problems.push(
            "`client` may follow redirects, which sends headers, credentials and query to other servers; \
             build it with `redirect(Policy::none())`"
                .to_owned(),
        );
    }
    client::Client::Given(client)
}

/// Creates the check's client. Only a URL with `https` needs TLS; a redirect may lead to one.
fn own_client(request: &CheckRequest, max_redirects: u32, problems: &mut Vec<String>) -> client::Client {
    let is_https = request.url.scheme() == "https";
    let tls = if is_https || max_redirects > 0 { tls::connector() } else { Err("redirects are not followed".to_owned()) };
    if let (true, Err(problem)) = (is_https, &tls) {
        problems.push(problem.clone());
    }
    client::Client::Own(OwnClient::new(&request.url, tls))
}

fn codes_problem(codes: &[u16]) -> Option<String> {
    if codes.is_empty() {
        return Some("`expect` is empty; omit it for the codes from 200 to 299".to_owned());
    }
    let invalid = codes.iter().find(|code| !CODES.contains(code))?;
    Some(format!("`expect` contains {invalid}; status codes are from {} to {}", CODES.start(), CODES.end()))
}

fn text_problem(text: &str, method: &Method) -> Option<String> {
    let problem = if text.is_empty() {
        "`body_contains` is empty; omit it to accept any body"
    } else if text.len() > MAX_BODY_BYTES {
        "`body_contains` is longer than 64 KiB, the maximum that is read of a body; use a part of it"
    } else if method == Method::HEAD {
        "`body_contains` needs a body, which the response to HEAD does not have; use `Http::get`"
    } else {
        return None;
    };
    Some(problem.to_owned())
}

partial_debug!(HttpBuilder, |builder| method: &builder.method);
