//! The URL of a probe: where to connect and which request to send.

use std::io;
use std::net::SocketAddr;

use url::{Host, ParseError, Position, Url};

use crate::text::mask::mask;

const EXAMPLE: &str = "http://127.0.0.1:8080/readyz";

/// A URL that this client can query: plain HTTP, without credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::integrations) struct ProbeUrl {
    url: Url,
    /// One more line of the request, with its line break, or nothing.
    header: String,
}

impl ProbeUrl {
    /// Parses a URL. The error is a complete sentence.
    pub(in crate::integrations) fn parse(text: &str) -> Result<Self, String> {
        let invalid = |problem: &str| Err(format!("invalid URL {:?}: {problem}", mask(text)));
        // `Url` drops line breaks and encodes other characters; both would change what the user wrote.
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return invalid("percent-encode every character that is not printable ASCII, such as `%20` for a space");
        }
        let mut url = match Url::parse(text) {
            Ok(url) if url.scheme() == "http" => url,
            Ok(url) if url.scheme() == "https" => {
                return invalid("TLS is not supported; use the `http://` address of a port without TLS");
            }
            Ok(_) | Err(ParseError::RelativeUrlWithoutBase) => {
                return invalid(&format!("it must start with `http://`; write a URL such as `{EXAMPLE}`"));
            }
            Err(error) => return invalid(&format!("{error}; write a URL such as `{EXAMPLE}`")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return invalid("credentials are not supported; remove everything up to the `@`");
        }
        if url.port() == Some(0) {
            return invalid("the port must be from 1 to 65535");
        }
        url.set_fragment(None);
        Ok(Self { url, header: String::new() })
    }

    /// Adds a header: `name: value` with its line break.
    pub(in crate::integrations) fn with_header(self, header: String) -> Self {
        Self { header, ..self }
    }

    /// Returns whether the URL has no path and no query.
    pub(in crate::integrations) fn is_origin(&self) -> bool {
        self.url.path() == "/" && self.url.query().is_none()
    }

    /// Returns the complete request.
    pub(super) fn request(&self) -> String {
        let authority = &self.url[Position::BeforeHost..Position::AfterPort];
        let path = &self.url[Position::BeforePath..];
        let version = env!("CARGO_PKG_VERSION");
        format!(
            "GET {path} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: health-runtime/{version}\r\n\
             Accept: application/json\r\nConnection: close\r\n{}\r\n",
            self.header
        )
    }

    /// Returns whether the host is a name, so that [`resolve`](Self::resolve) blocks.
    pub(super) fn has_domain(&self) -> bool {
        matches!(self.url.host(), Some(Host::Domain(_)))
    }

    /// Returns the addresses of the host.
    pub(in crate::integrations) fn resolve(&self) -> io::Result<Vec<SocketAddr>> {
        self.url.socket_addrs(|| None)
    }

    /// Returns the URL for a message, with credentials masked.
    pub(super) fn masked(&self) -> String {
        mask(self.url.as_str()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_parsed_into_authority_and_path() {
        for (url, has_domain, authority, path) in [
            ("http://127.0.0.1:8080/readyz", false, "127.0.0.1:8080", "/readyz"),
            ("http://127.0.0.1", false, "127.0.0.1", "/"),
            ("HTTP://localhost:/", true, "localhost", "/"),
            ("http://[::1]:8080/livez", false, "[::1]:8080", "/livez"),
            ("http://[fe80::1]", false, "[fe80::1]", "/"),
            ("http://orders.internal/a/b?verbose&x=/:@?#top", true, "orders.internal", "/a/b?verbose&x=/:@?"),
            ("http://my_service:1?tag=db", true, "my_service:1", "/?tag=db"),
            ("http://a#b", true, "a", "/"),
            ("http://a/%20", true, "a", "/%20"),
        ] {
            let parsed = ProbeUrl::parse(url).unwrap();
            assert_eq!(parsed.has_domain(), has_domain, "{url}");
            assert_eq!(parsed.url.as_str(), format!("http://{authority}{path}"), "{url}");
            let request = parsed.request();
            assert!(request.starts_with(&format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\n")), "{request}");
        }
    }

    #[test]
    fn addresses_are_resolved_without_a_lookup() {
        for (url, address) in [("http://127.0.0.1", "127.0.0.1:80"), ("http://[::1]:8080/livez", "[::1]:8080")] {
            assert_eq!(ProbeUrl::parse(url).unwrap().resolve().unwrap(), [address.parse().unwrap()]);
        }
    }

    #[test]
    fn invalid_urls_are_rejected_with_a_remedy() {
        let example = "write a URL such as `http://127.0.0.1:8080/readyz`";
        let scheme = format!("it must start with `http://`; {example}");
        let character = "percent-encode every character that is not printable ASCII, such as `%20` for a space";
        let (port, host, ipv6) =
            ["invalid port number", "empty host", "invalid IPv6 address"].map(|problem| format!("{problem}; {example}")).into();
        for (url, problem) in [
            ("127.0.0.1:8080/readyz", &*scheme),
            ("localhost:8080/readyz", &scheme),
            ("", &scheme),
            ("unix:///run/app", &scheme),
            ("https://127.0.0.1/readyz", "TLS is not supported; use the `http://` address of a port without TLS"),
            ("http://a/b c", character),
            ("http://a/\r\nX: y", character),
            ("http://münchen/", character),
            ("http://a:0/", "the port must be from 1 to 65535"),
            ("http://a:65536/", &port),
            ("http://a:+80/", &port),
            ("http://a:b/", &port),
            ("http://", &host),
            ("http://:80/", &host),
            ("http://::1/", &host),
            ("http://[::1/", &ipv6),
            ("http://[127.0.0.1]/", &ipv6),
            ("http://[::1]x/", &ipv6),
        ] {
            assert_eq!(ProbeUrl::parse(url), Err(format!("invalid URL {url:?}: {problem}")), "{url}");
        }
        assert_eq!(
            ProbeUrl::parse("http://me:hunter2@a/").unwrap_err(),
            "invalid URL \"http://***@a/\": credentials are not supported; remove everything up to the `@`"
        );
    }

    #[test]
    fn the_request_is_http_1_1() {
        let request = ProbeUrl::parse("http://[::1]:8080/readyz?verbose").unwrap().request();
        let version = env!("CARGO_PKG_VERSION");
        let expected = format!(
            "GET /readyz?verbose HTTP/1.1\r\nHost: [::1]:8080\r\nUser-Agent: health-runtime/{version}\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
        );
        assert_eq!(request, expected);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_parsed_or_rejected(url in "(http://)?[\\[\\]:@/?#%a-z0-9.\r\nü]{0,40}") {
            if let Ok(parsed) = ProbeUrl::parse(&url) {
                let request = parsed.request();
                proptest::prop_assert_eq!(request.matches("\r\n").count(), 6, "the URL adds no line");
                proptest::prop_assert_eq!(request.lines().next().unwrap().split(' ').count(), 3);
                proptest::prop_assert_eq!(ProbeUrl::parse(parsed.url.as_str()), Ok(parsed));
            }
        }
    }
}
