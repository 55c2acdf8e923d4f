//! The settings of a check of HTTP, and every mistake in them.

use std::fmt;
use std::ops::RangeInclusive;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Url};

use super::exchange::{Exchange, LONGEST_BODY};
use super::{Http, client};
use crate::checks::build_error::BuildError;

const MOST_REDIRECTS: u32 = 10;

const CODES: RangeInclusive<u16> = 100..=599;

/// The settings of a [`Http`]. Made by [`Http::get`] and [`Http::head`].
#[must_use = "no check is made until `build`"]
pub struct HttpBuilder {
    method: Method,
    url: String,
    expected: Vec<u16>,
    text: Option<String>,
    redirects: u32,
    headers: Vec<(String, String)>,
    client: Option<Client>,
}

impl Http {
    /// Begins with a GET of this `http` or `https` URL, and any code from 200 to 299.
    ///
    /// A user and a password in the URL are sent as basic authentication. They are shown nowhere, and nor is its query.
    pub fn get(url: impl Into<String>) -> HttpBuilder {
        HttpBuilder::new(Method::GET, url.into())
    }

    /// The same with a HEAD, which spares the server the body. Not every server answers it as it would a GET.
    pub fn head(url: impl Into<String>) -> HttpBuilder {
        HttpBuilder::new(Method::HEAD, url.into())
    }
}

impl HttpBuilder {
    fn new(method: Method, url: String) -> Self {
        let (text, redirects, headers, client) = (None, 0, Vec::new(), None);
        Self { method, url, expected: (200..=299).collect(), text, redirects, headers, client }
    }

    /// Takes these codes for good ones in place of 200 to 299: `.expect(200..=399)`, `.expect([200, 401])`.
    pub fn expect(mut self, codes: impl IntoIterator<Item = u16>) -> Self {
        // Ranges may have no end.
        self.expected = codes.into_iter().take(CODES.len() + 1).collect();
        self
    }

    /// Asks for a body that holds this text, in its first 64 KiB and as it is written here. Only for a GET.
    pub fn body_contains(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// Follows up to this many redirects, to whichever server they lead; 10 at most. One more is a code as any other.
    ///
    /// Headers of the check's own, and the credentials in its URL, go to no other scheme, host or port than those of the URL.
    pub fn follow_redirects(mut self, most: u32) -> Self {
        self.redirects = most;
        self
    }

    /// Sends this header too. Its value may be a secret: it is shown nowhere.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Asks with the application's own client, of reqwest 0.13, and so with its proxy, its certificates, its resolver and its
    /// connections.
    ///
    /// Its limit for a whole request does not count, because the check has one. Those for a connection and for a read do, so
    /// let them be longer than the check's `timeout`, or absent. Redirects are the client's too: one that follows them, as each
    /// does unless it is told otherwise, does so here. Without [`follow_redirects`](Self::follow_redirects) that is down, `the
    /// client followed a redirect`; with it, it is allowed, and the client's own number counts.
    pub fn client(mut self, client: Client) -> Self {
        self.client = Some(client);
        self
    }

    /// Makes the check. Nothing is asked yet, but the root certificates are read where no client is given.
    ///
    /// # Errors
    ///
    /// When the URL is none, or is neither `http` nor `https`; when a header, a code, a text or a number of redirects can't be;
    /// when a HEAD is to have a body; when there are no root certificates for `https`.
    pub fn build(self) -> Result<Http, BuildError> {
        let mut mistakes = Vec::new();
        let url = read_url(&self.url).map_err(|mistake| mistakes.push(mistake)).ok();
        mistakes.extend(mistake_in_codes(&self.expected));
        mistakes.extend(self.text.as_deref().and_then(|text| mistake_in_text(text, &self.method)));
        if self.redirects > MOST_REDIRECTS {
            mistakes.push(format!("`follow_redirects` is {}; give at most {MOST_REDIRECTS}", self.redirects));
        }
        let headers = read_headers(&self.headers, &mut mistakes);
        let is_https = url.as_ref().is_some_and(|url| url.scheme() == "https");
        let (may_lead_elsewhere, redirects) = (self.redirects > 0, if self.client.is_some() { 0 } else { self.redirects });
        let client = self.client.map_or_else(|| client::own(is_https), Ok).map_err(|mistake| mistakes.push(mistake)).ok();
        // This way the credentials in the URL become a header.
        let request = client.as_ref().zip(url).and_then(|(client, url)| {
            let request = client.request(self.method, url).headers(headers).build();
            request.map_err(|error| mistakes.push(format!("`url`: {}", error.without_url()))).ok()
        });
        match client.zip(request) {
            Some((client, request)) if mistakes.is_empty() => {
                let (expected, text) = (self.expected, self.text);
                Ok(Http::new(Exchange { client, request, redirects, may_lead_elsewhere, expected, text }))
            }
            _ => Err(BuildError::new("Http", mistakes)),
        }
    }
}

fn read_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("`url` is no URL: {error}; write it as in `https://host/path`"))?;
    if !matches!(url.scheme(), "http" | "https") {
        Err(format!("`url` has the scheme `{}`; write it as in `https://host/path`", url.scheme()))
    } else if url.port() == Some(0) {
        Err("`url` has port 0, which no server can have; write one from 1 to 65535".to_owned())
    } else if url.fragment().is_some() {
        Err("`url` has a fragment, which is never sent; leave `#…` out".to_owned())
    } else {
        Ok(url)
    }
}

fn mistake_in_codes(codes: &[u16]) -> Option<String> {
    if codes.is_empty() {
        return Some("`expect` has no code; leave it out for those from 200 to 299".to_owned());
    }
    let wrong = codes.iter().find(|code| !CODES.contains(code))?;
    Some(format!("`expect` has {wrong}, which no answer has; give codes from {} to {}", CODES.start(), CODES.end()))
}

fn mistake_in_text(text: &str, method: &Method) -> Option<String> {
    let mistake = if text.is_empty() {
        "`body_contains` is empty; leave it out where any body will do"
    } else if text.len() > LONGEST_BODY {
        "`body_contains` is longer than the 64 KiB that are read of a body; give a part of it"
    } else if method == Method::HEAD {
        "`body_contains` asks for a body, which an answer to HEAD has not; use `Http::get`"
    } else {
        return None;
    };
    Some(mistake.to_owned())
}

/// No mistake shows a name or a value, which could have been mixed up.
fn read_headers(given: &[(String, String)], mistakes: &mut Vec<String>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (number, (name, value)) in (1..).zip(given) {
        let name = HeaderName::try_from(name);
        let value = HeaderValue::try_from(value);
        if name.is_err() {
            mistakes.push(format!("`header` {number} has a name that no header has; use letters, digits and `-`"));
        }
        if value.is_err() {
            mistakes.push(format!("`header` {number} has a value that no header has; leave out control characters"));
        }
        if let (Ok(name), Ok(mut value)) = (name, value) {
            value.set_sensitive(true);
            headers.append(name, value);
        }
    }
    headers
}

impl fmt::Debug for HttpBuilder {
    /// Without anything that may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpBuilder").field("method", &self.method).finish_non_exhaustive()
    }
}
