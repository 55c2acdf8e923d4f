//! Where a server is, as `host:port`.

use std::fmt;
use std::net::Ipv6Addr;

use crate::checks::shared::host::{is_host, is_more_than_a_host};

/// The host and the port of a server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::checks) struct Address {
    /// An IPv6 address stands here without its brackets.
    pub(in crate::checks) host: String,
    pub(in crate::checks) port: u16,
}

impl Address {
    /// Reads `host:port`. A mistake joins the others, and some address stands for the one that there is not.
    pub(in crate::checks) fn read(text: &str, mistakes: &mut Vec<String>) -> Self {
        Self::parse(text).unwrap_or_else(|mistake| {
            mistakes.push(mistake);
            Self::default()
        })
    }

    /// Reads `host:port`, or tells the mistake. What may hold a password is not repeated in it.
    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("`address` is empty; write `host:port`, as in `cache.internal:11211`".to_owned());
        }
        if is_more_than_a_host(text) {
            return Err("`address` is more than a host and a port; leave out the scheme, the user and the path, \
                        as in `cache.internal:11211`"
                .to_owned());
        }
        let shown = text.escape_debug();
        if text.parse::<Ipv6Addr>().is_ok() {
            return Err(format!("`address` `{shown}` has no brackets and no port; write `[{shown}]:port`"));
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port),
            _ => return Err(format!("`address` `{shown}` has no port; write `{shown}:port`")),
        };
        let port = port.bytes().all(|byte| byte.is_ascii_digit()).then(|| port.parse().ok()).flatten();
        let Some(port) = port.filter(|port| *port != 0) else {
            return Err(format!("`address` `{shown}` has no port that a server can have; write a number from 1 to 65535"));
        };
        let host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            Some(address) => address.parse::<Ipv6Addr>().is_ok().then_some(address),
            None => is_host(host).then_some(host),
        };
        match host {
            Some(host) => Ok(Self { host: host.to_owned(), port }),
            None => Err(format!(
                "`address` `{shown}` has no valid host; write a name, an IPv4 address, or an IPv6 address in brackets"
            )),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_and_port_are_told_apart_and_shown_as_they_were_written() {
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
            let address = Address::parse(text).expect(text);
            assert_eq!(address, Address { host: host.to_owned(), port }, "{text}");
            assert_eq!(address.to_string().replace(":80", ":080"), text);
        }
    }

    #[test]
    fn a_mistake_is_named_with_its_remedy() {
        let host = "has no valid host; write a name, an IPv4 address, or an IPv6 address in brackets";
        let port = "has no port that a server can have; write a number from 1 to 65535";
        let table = [
            ("", "`address` is empty; write `host:port`, as in `cache.internal:11211`".to_owned()),
            ("cache", "`address` `cache` has no port; write `cache:port`".to_owned()),
            ("10.0.0.1", "`address` `10.0.0.1` has no port; write `10.0.0.1:port`".to_owned()),
            ("[::1]", "`address` `[::1]` has no port; write `[::1]:port`".to_owned()),
            ("::1", "`address` `::1` has no brackets and no port; write `[::1]:port`".to_owned()),
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
        for (text, mistake) in table {
            assert_eq!(Address::parse(text), Err(mistake), "{text}");
        }
        let long = [format!("{}:1", "a".repeat(64)), format!("{}b:1", "abc.".repeat(64))];
        assert!(long.iter().all(|text| Address::parse(text).is_err()));
    }

    #[test]
    fn a_url_is_refused_and_not_repeated() {
        let mistake = "`address` is more than a host and a port; leave out the scheme, the user and the path, \
                       as in `cache.internal:11211`";
        for text in
            ["redis://:hunter2@cache:6379", "tcp://cache:1", "user:hunter2@cache:1", "cache:1/0", "cache:1?db=0", "\\\\cache"]
        {
            assert_eq!(Address::parse(text), Err(mistake.to_owned()), "{text}");
        }
    }
}
