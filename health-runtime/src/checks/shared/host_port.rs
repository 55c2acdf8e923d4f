//! The address of a server as `host:port`.

use std::fmt;
use std::net::Ipv6Addr;

use url::Host;

use super::{looks_like_url, parse_host};

/// The host and the port of a server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::checks) struct HostPort {
    /// A name, or an address without brackets.
    pub(in crate::checks) host: String,
    pub(in crate::checks) port: u16,
}

impl HostPort {
    /// Parses `host:port`. On an error it adds a problem and returns the default value.
    pub(in crate::checks) fn parse_into(text: &str, problems: &mut Vec<String>) -> Self {
        Self::parse(text).unwrap_or_else(|problem| {
            problems.push(problem);
            Self::default()
        })
    }

    /// Parses `host:port`. The error repeats no text that may contain a password.
    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("`address` is empty; use `host:port`, such as `cache.internal:11211`".to_owned());
        }
        if looks_like_url(text) {
            return Err("`address` must be `host:port`; remove the scheme, the user and the path, \
                        as in `cache.internal:11211`"
                .to_owned());
        }
        let shown = text.escape_debug();
        if text.parse::<Ipv6Addr>().is_ok() {
            return Err(format!("`address` `{shown}` has no brackets and no port; use `[{shown}]:port`"));
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port),
            _ => return Err(format!("`address` `{shown}` has no port; use `{shown}:port`")),
        };
        let port = port.bytes().all(|byte| byte.is_ascii_digit()).then(|| port.parse().ok()).flatten();
        let Some(port) = port.filter(|port| *port != 0) else {
            return Err(format!("`address` `{shown}` has an invalid port; use a port from 1 to 65535"));
        };
        let host = match parse_host(host) {
            Some(Host::Ipv6(address)) => address.to_string(),
            Some(_) => host.to_owned(),
            None => {
                return Err(format!(
                    "`address` `{shown}` has an invalid host; use a name, an IPv4 address, or an IPv6 address in brackets"
                ));
            }
        };
        Ok(Self { host, port })
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{open}{}{close}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_and_port_are_parsed_and_displayed_unchanged() {
        let longest = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "b".repeat(61));
        let table = [
            ("cache.internal:11211", "cache.internal", 11211),
            ("localhost:1", "localhost", 1),
            ("My_Cache-1:65535", "My_Cache-1", 65535),
            ("example.org.:443", "example.org.", 443),
            ("127.0.0.1:080", "127.0.0.1", 80),
            ("[::1]:6379", "::1", 6379),
            ("[2001:db8::7]:6379", "2001:db8::7", 6379),
            (&format!("{longest}:7"), &longest, 7),
        ];
        for (text, host, port) in table {
            let address = HostPort::parse(text).expect(text);
            assert_eq!(address, HostPort { host: host.to_owned(), port }, "{text}");
            assert_eq!(address.to_string().replace(":80", ":080"), text);
        }
    }

    #[test]
    fn every_error_names_a_remedy() {
        let host = "has an invalid host; use a name, an IPv4 address, or an IPv6 address in brackets";
        let port = "has an invalid port; use a port from 1 to 65535";
        let table = [
            ("", "`address` is empty; use `host:port`, such as `cache.internal:11211`".to_owned()),
            ("cache", "`address` `cache` has no port; use `cache:port`".to_owned()),
            ("10.0.0.1", "`address` `10.0.0.1` has no port; use `10.0.0.1:port`".to_owned()),
            ("[::1]", "`address` `[::1]` has no port; use `[::1]:port`".to_owned()),
            ("::1", "`address` `::1` has no brackets and no port; use `[::1]:port`".to_owned()),
            ("cache:", format!("`address` `cache:` {port}")),
            ("cache:0", format!("`address` `cache:0` {port}")),
            ("cache:000", format!("`address` `cache:000` {port}")),
            ("cache:65536", format!("`address` `cache:65536` {port}")),
            ("cache:+80", format!("`address` `cache:+80` {port}")),
            ("cache:-1", format!("`address` `cache:-1` {port}")),
            ("cache:http", format!("`address` `cache:http` {port}")),
            ("cache: 80", format!("`address` `cache: 80` {port}")),
            (":80", format!("`address` `:80` {host}")),
            ("[]:80", format!("`address` `[]:80` {host}")),
            ("[cache]:80", format!("`address` `[cache]:80` {host}")),
            ("[10.0.0.1]:80", format!("`address` `[10.0.0.1]:80` {host}")),
            ("fe80::zz:80", format!("`address` `fe80::zz:80` {host}")),
            ("my cache:80", format!("`address` `my cache:80` {host}")),
            (" cache:80", format!("`address` ` cache:80` {host}")),
            ("cache\n:80", format!("`address` `cache\\n:80` {host}")),
            ("a..b:80", format!("`address` `a..b:80` {host}")),
            (".:80", format!("`address` `.:80` {host}")),
            ("256.0.0.1:80", format!("`address` `256.0.0.1:80` {host}")),
            ("10.1:80", format!("`address` `10.1:80` {host}")),
            ("bücher.example:80", format!("`address` `bücher.example:80` {host}")),
        ];
        for (text, problem) in table {
            assert_eq!(HostPort::parse(text), Err(problem), "{text}");
        }
        let long = [format!("{}:1", "a".repeat(64)), format!("{}b:1", "abc.".repeat(64))];
        assert!(long.iter().all(|text| HostPort::parse(text).is_err()));
    }

    #[test]
    fn a_url_is_rejected_and_not_repeated() {
        let problem = "`address` must be `host:port`; remove the scheme, the user and the path, \
                       as in `cache.internal:11211`";
        for text in
            ["redis://:hunter2@cache:6379", "tcp://cache:1", "user:hunter2@cache:1", "cache:1/0", "cache:1?db=0", "\\\\cache"]
        {
            assert_eq!(HostPort::parse(text), Err(problem.to_owned()), "{text}");
        }
    }
}
