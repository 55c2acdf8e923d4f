//! The request of the check.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Uri};
use percent_encoding::percent_decode_str;
use url::{Position, Url};

const MAX_HEADERS: usize = 256;

const URL_REMEDY: &str = "use a URL such as `https://host/path`";

/// A request. Its headers and the query of its URL may be secrets.
pub(super) struct CheckRequest {
    pub(super) method: Method,
    /// Without credentials; they are a header.
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
}

impl CheckRequest {
    /// Returns the headers for this URL. They may contain secrets, which a redirect must not send to another server.
    pub(super) fn headers_for(&self, url: &Url) -> HeaderMap {
        if url.origin() == self.url.origin() { self.headers.clone() } else { HeaderMap::new() }
    }

    /// Returns whether there is something that another server must not get.
    pub(super) fn has_secrets(&self) -> bool {
        !self.headers.is_empty() || self.url.query().is_some()
    }
}

impl fmt::Debug for CheckRequest {
    /// Omits the query and the headers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.method, self.url.origin().ascii_serialization(), self.url.path())
    }
}

/// Parses a URL. The credentials in it are removed and returned as a header of basic authentication.
pub(super) fn parse_url(text: &str) -> Result<(Url, Option<HeaderValue>), String> {
    let mut url = Url::parse(text).map_err(|error| format!("`url` is not a URL: {error}; {URL_REMEDY}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        Err(format!("`url` has the scheme `{}`; {URL_REMEDY}", url.scheme()))
    } else if url.port() == Some(0) {
        Err("`url` has port 0; use a port from 1 to 65535".to_owned())
    } else if url.fragment().is_some() {
        Err("`url` has a fragment, which HTTP does not send; remove `#…`".to_owned())
    } else {
        let authorization = basic_authentication(&url)?;
        // Both succeed, because the URL has a host.
        let _ = (url.set_username(""), url.set_password(None));
        origin_form(&url).ok_or("`url` has a path or a query that HTTP cannot send; percent-encode it")?;
        Ok((url, authorization))
    }
}

/// Returns the value of the header for the credentials in a URL.
fn basic_authentication(url: &Url) -> Result<Option<HeaderValue>, String> {
    let (user, password) = (url.username(), url.password());
    if user.is_empty() && password.is_none() {
        return Ok(None);
    }
    let mut credentials = percent_decode_str(user).collect::<Vec<_>>();
    credentials.push(b':');
    credentials.extend(percent_decode_str(password.unwrap_or_default()));
    let header = HeaderValue::try_from(format!("Basic {}", BASE64_STANDARD.encode(credentials)));
    header.map(|value| Some(sensitive(value))).map_err(|_| "`url` has credentials that are too long".to_owned())
}

/// Returns the path and the query of a URL as a request line has them.
pub(super) fn origin_form(url: &Url) -> Option<Uri> {
    url[Position::BeforePath..Position::AfterQuery].parse().ok()
}

/// Parses the headers. No problem shows a name or a value, because either may be a secret when the two are swapped.
pub(super) fn parse_headers(headers: &[(String, String)], problems: &mut Vec<String>) -> HeaderMap {
    let mut parsed = HeaderMap::new();
    if headers.len() > MAX_HEADERS {
        problems.push(format!("`header` is set {} times; the maximum is {MAX_HEADERS}", headers.len()));
        return parsed;
    }
    for (number, (name, value)) in (1..).zip(headers) {
        let name = HeaderName::try_from(name)
            .map_err(|_| problems.push(format!("`header` {number} has an invalid name; use letters, digits and `-`")));
        let value = HeaderValue::try_from(value)
            .map_err(|_| problems.push(format!("`header` {number} has an invalid value; remove control characters")));
        if let (Ok(name), Ok(value)) = (name, value) {
            parsed.append(name, sensitive(value));
        }
    }
    parsed
}

/// Adds the credentials of the URL, unless a header replaces them.
pub(super) fn add_authorization(headers: &mut HeaderMap, authorization: Option<HeaderValue>) {
    if let Some(authorization) = authorization {
        headers.entry(AUTHORIZATION).or_insert(authorization);
    }
}

/// Hides a value from debug output.
fn sensitive(mut value: HeaderValue) -> HeaderValue {
    value.set_sensitive(true);
    value
}
