//! Host names in settings.

use url::Host;

/// Returns whether the text looks like a URL or a part of one. Such a text may contain a password.
pub(in crate::checks) fn looks_like_url(text: &str) -> bool {
    text.contains(['/', '\\', '@', '?', '#'])
}

/// Parses a host name in ASCII, an IPv4 address, or an IPv6 address in brackets.
pub(in crate::checks) fn parse_host(text: &str) -> Option<Host> {
    match Host::parse(text).ok()? {
        // A URL may abbreviate an address, such as `10.1`.
        Host::Ipv4(address) if address.to_string() != text => None,
        Host::Domain(_) if !is_host_name(text) => None,
        host => Some(host),
    }
}

/// Applies the limits of DNS, which URLs do not have.
fn is_host_name(text: &str) -> bool {
    let name = text.strip_suffix('.').unwrap_or(text);
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    name.len() <= 253 && name.split('.').all(|label| (1..=63).contains(&label.len()) && label.bytes().all(is_allowed))
}
