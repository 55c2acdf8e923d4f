//! A URL, as far as this client speaks it: where to connect and what to send.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::text::mask::mask;

const DEFAULT_PORT: u16 = 80;

/// Where to connect and what to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) host: Host,
    pub(super) port: u16,
    /// Host and port as they were written, for the `Host` header.
    authority: String,
    /// Path and query, with the `/` in front.
    path: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Host {
    Address(IpAddr),
    /// To be looked up.
    Name(String),
}

impl Target {
    /// The error is a whole sentence.
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        let wrong = |what: &str| Err(format!("the URL {:?} {what}", mask(url)));
        if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return wrong("has a character that stands in no URL; percent-encode it, as `%20` for a space");
        }
        let Some((scheme, rest)) = url.split_once("://") else {
            return wrong("has no scheme; write `http://` in front");
        };
        if scheme.eq_ignore_ascii_case("https") {
            return wrong("asks for TLS, which this client does not speak; give the `http://` address of a port without it");
        }
        if !scheme.eq_ignore_ascii_case("http") {
            return wrong("has another scheme than `http`; write `http://` in front");
        }
        let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return wrong("has a user in it, which this client does not send; leave out all up to the `@`");
        }
        let Some((host, port)) = split(authority) else {
            return wrong("has no port that can be read; write one from 1 to 65535, as in `http://127.0.0.1:8080/readyz`");
        };
        let Some(host) = Host::parse(host) else {
            return wrong("has no host that can be read; write an address, `[::1]` or a name");
        };
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { host, port, authority: authority.to_owned(), path })
    }

    /// The whole request.
    pub(super) fn request(&self) -> String {
        let Self { authority, path, .. } = self;
        let version = env!("CARGO_PKG_VERSION");
        format!(
            "GET {path} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: health-runtime/{version}\r\n\
             Accept: application/json\r\nConnection: close\r\n\r\n"
        )
    }

    /// For a sentence: with what looks like a credential replaced.
    pub(super) fn url(&self) -> String {
        mask(&format!("http://{}{}", self.authority, self.path)).into_owned()
    }
}

/// Host and port of an authority.
fn split(authority: &str) -> Option<(&str, u16)> {
    // The colons of an IPv6 address stand in brackets.
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => return Some((authority, DEFAULT_PORT)),
    };
    if port.is_empty() {
        return Some((host, DEFAULT_PORT));
    }
    // `parse` would take a sign.
    let port = port.bytes().all(|byte| byte.is_ascii_digit()).then(|| port.parse().ok())??;
    (port != 0).then_some((host, port))
}

impl Host {
    fn parse(text: &str) -> Option<Self> {
        if let Some(inside) = text.strip_prefix('[') {
            return inside.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(|address| Self::Address(address.into()));
        }
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Some(Self::Address(address.into()));
        }
        let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        (!text.is_empty() && text.bytes().all(in_name)).then(|| Self::Name(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Host {
        Host::Address(text.parse().unwrap())
    }

    #[test]
    fn urls_are_read() {
        let name = |text: &str| Host::Name(text.to_owned());
        for (url, host, port, authority, path) in [
            ("http://127.0.0.1:8080/readyz", address("127.0.0.1"), 8080, "127.0.0.1:8080", "/readyz"),
            ("http://127.0.0.1", address("127.0.0.1"), 80, "127.0.0.1", "/"),
            ("HTTP://localhost:/", name("localhost"), 80, "localhost:", "/"),
            ("http://[::1]:8080/livez", address("::1"), 8080, "[::1]:8080", "/livez"),
            ("http://[fe80::1]", address("fe80::1"), 80, "[fe80::1]", "/"),
            (
                "http://orders.internal/a/b?verbose&x=/:@?#top",
                name("orders.internal"),
                80,
                "orders.internal",
                "/a/b?verbose&x=/:@?",
            ),
            ("http://my_service:1?tag=db", name("my_service"), 1, "my_service:1", "/?tag=db"),
            ("http://a#b", name("a"), 80, "a", "/"),
            ("http://a/%20", name("a"), 80, "a", "/%20"),
        ] {
            let expected = Target { host, port, authority: authority.to_owned(), path: path.to_owned() };
            assert_eq!(Target::parse(url), Ok(expected), "{url}");
        }
    }

    #[test]
    fn a_mistake_says_what_to_write_instead() {
        let character = "has a character that stands in no URL; percent-encode it, as `%20` for a space";
        let port = "has no port that can be read; write one from 1 to 65535, as in `http://127.0.0.1:8080/readyz`";
        let host = "has no host that can be read; write an address, `[::1]` or a name";
        for (url, mistake) in [
            ("127.0.0.1:8080/readyz", "has no scheme; write `http://` in front"),
            ("", "has no scheme; write `http://` in front"),
            ("unix:///run/app", "has another scheme than `http`; write `http://` in front"),
            (
                "https://127.0.0.1/readyz",
                "asks for TLS, which this client does not speak; give the `http://` address of a port without it",
            ),
            ("http://a/b c", character),
            ("http://a/\r\nX: y", character),
            ("http://münchen/", character),
            ("http://a:0/", port),
            ("http://a:65536/", port),
            ("http://a:+80/", port),
            ("http://a:b/", port),
            ("http://", host),
            ("http:///readyz", host),
            ("http://:80/", host),
            ("http://::1/", host),
            ("http://[::1/", host),
            ("http://[127.0.0.1]/", host),
            ("http://[::1]x/", host),
            ("http://a,b/", host),
        ] {
            assert_eq!(Target::parse(url), Err(format!("the URL {url:?} {mistake}")), "{url}");
        }
        let user = Target::parse("http://me:hunter2@a/").unwrap_err();
        assert_eq!(
            user,
            "the URL \"http://***@a/\" has a user in it, which this client does not send; leave out all up to the `@`"
        );
    }

    #[test]
    fn the_request_is_one_of_http_1_1() {
        let request = Target::parse("http://[::1]:8080/readyz?verbose").unwrap().request();
        let version = env!("CARGO_PKG_VERSION");
        let expected = format!(
            "GET /readyz?verbose HTTP/1.1\r\nHost: [::1]:8080\r\nUser-Agent: health-runtime/{version}\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
        );
        assert_eq!(request, expected);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(url in "(http://)?[\\[\\]:@/?#%a-z0-9.\r\nü]{0,40}") {
            if let Ok(target) = Target::parse(&url) {
                let request = target.request();
                proptest::prop_assert_eq!(request.matches("\r\n").count(), 6, "nothing of the URL ends a line");
                proptest::prop_assert_eq!(request.lines().next().unwrap().split(' ').count(), 3);
                proptest::prop_assert_eq!(Target::parse(&format!("http://{}{}", target.authority, target.path)), Ok(target));
            }
        }
    }
}
