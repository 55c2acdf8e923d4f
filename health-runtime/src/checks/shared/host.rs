//! What may stand for a host.

use std::net::Ipv4Addr;

/// Whether it looks like a URL, or like a part of one that says more than the host. That may hold a password.
pub(in crate::checks) fn is_more_than_a_host(text: &str) -> bool {
    text.contains(['/', '\\', '@', '?', '#'])
}

/// Whether it is a name, in ASCII, or an IPv4 address.
pub(in crate::checks) fn is_host(text: &str) -> bool {
    let name = text.strip_suffix('.').unwrap_or(text);
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(is_letter);
    let ends_in_digits = name.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    name.len() <= 253 && name.split('.').all(is_label) && (!ends_in_digits || text.parse::<Ipv4Addr>().is_ok())
}
