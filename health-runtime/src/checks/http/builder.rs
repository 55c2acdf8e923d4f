//! The builder of the check, and the validation of its settings.

use std::ops::RangeInclusive;
use std::sync::Arc;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Url};

use super::Http;
use super::client::default_client;
use super::probe::{HttpProbe, MAX_BODY_BYTES};
use crate::checks::build_error::{BuildError, build_if_valid};
use crate::checks::shared::{SingleFlight, partial_debug};

const MAX_REDIRECTS: u32 = 10;

const CODES: RangeInclusive<u16> = 100..=599;

const URL_REMEDY: &str = "use a URL such as `https://host/path`";

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
    /// apply, so they should be longer than the check's `timeout`, or unset. The client's redirect policy applies, and by default
    /// a client follows redirects. Without [`follow_redirects`](Self::follow_redirects) a followed redirect is down, `the client
    /// followed a redirect`. With it, the redirect is allowed, and the client's maximum counts.
    pub fn client(mut self, client: Client) -> Self {
        self.client = Some(client);
        self
    }

    /// Creates the check. It sends its request at the first run. Without a [`client`](Self::client) it loads the root
    /// certificates now.
    ///
    /// # Errors
    ///
    /// Returns an error if the URL, a header, a status code, the text or the number of redirects is invalid; if a HEAD request
    /// expects a body; or if there are no root certificates for an `https` URL.
    pub fn build(self) -> Result<Http, BuildError> {
        let mut problems = Vec::new();
        let url = parse_url(&self.url).map_err(|problem| problems.push(problem)).ok();
        problems.extend(codes_problem(&self.expected_codes));
        problems.extend(self.expected_text.as_deref().and_then(|text| text_problem(text, &self.method)));
        if self.max_redirects > MAX_REDIRECTS {
            problems.push(format!("`follow_redirects` is {}; the maximum is {MAX_REDIRECTS}", self.max_redirects));
        }
        let headers = parse_headers(&self.headers, &mut problems);
        let is_https = url.as_ref().is_some_and(|url| url.scheme() == "https");
        let allow_other_url = self.max_redirects > 0;
        let max_redirects = if self.client.is_some() { 0 } else { self.max_redirects };
        let client = self.client.map_or_else(|| default_client(is_https), Ok).map_err(|problem| problems.push(problem)).ok();
        // `build` turns the credentials in the URL into a header.
        let request = client.as_ref().zip(url).and_then(|(client, url)| {
            let request = client.request(self.method, url).headers(headers).build();
            request.map_err(|error| problems.push(format!("`url`: {}", error.without_url()))).ok()
        });
        let Some((client, request)) = client.zip(request) else { return Err(BuildError::new("Http", problems)) };
        let (expected_codes, expected_text) = (self.expected_codes, self.expected_text);
        build_if_valid("Http", problems, || {
            let probe = HttpProbe { client, request, max_redirects, allow_other_url, expected_codes, expected_text };
            Http { flight: Arc::new(SingleFlight::new(probe)) }
        })
    }
}

fn parse_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("`url` is not a URL: {error}; {URL_REMEDY}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        Err(format!("`url` has the scheme `{}`; {URL_REMEDY}", url.scheme()))
    } else if url.port() == Some(0) {
        Err("`url` has port 0; use a port from 1 to 65535".to_owned())
    } else if url.fragment().is_some() {
        Err("`url` has a fragment, which HTTP does not send; remove `#…`".to_owned())
    } else {
        Ok(url)
    }
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

/// Parses the headers. No problem shows a name or a value, because either may be a secret when the two are swapped.
fn parse_headers(headers: &[(String, String)], problems: &mut Vec<String>) -> HeaderMap {
    let mut parsed = HeaderMap::new();
    for (number, (name, value)) in (1..).zip(headers) {
        let name = HeaderName::try_from(name)
            .map_err(|_| problems.push(format!("`header` {number} has an invalid name; use letters, digits and `-`")));
        let value = HeaderValue::try_from(value)
            .map_err(|_| problems.push(format!("`header` {number} has an invalid value; remove control characters")));
        if let (Ok(name), Ok(mut value)) = (name, value) {
            value.set_sensitive(true);
            parsed.append(name, value);
        }
    }
    parsed
}

partial_debug!(HttpBuilder, |builder| method: &builder.method);
