//! Credentials that need no key: after the name of an authentication scheme, JSON web tokens, private keys.

use std::ops::Range;

use super::delimited::{Delimited, delimited};
use super::pair::{Link, Separator};
use super::source::{Source, is_line_break, is_whitespace, is_word};

/// Words after `Bearer` that are not credentials.
const PROSE: [&str; 34] = [
    "token",
    "tokens",
    "auth",
    "authentication",
    "authorization",
    "authenticator",
    "scheme",
    "schemes",
    "realm",
    "header",
    "headers",
    "credential",
    "credentials",
    "challenge",
    "error",
    "format",
    "is",
    "was",
    "not",
    "and",
    "or",
    "of",
    "in",
    "for",
    "with",
    "from",
    "to",
    "must",
    "required",
    "missing",
    "expected",
    "invalid",
    "rejected",
    "failed",
];

/// The schemes of `Authorization`, in lower case.
const SCHEMES: [&str; 22] = [
    "basic",
    "bearer",
    "digest",
    "negotiate",
    "ntlm",
    "token",
    "apikey",
    "key",
    "hawk",
    "hoba",
    "mutual",
    "vapid",
    "oauth",
    "kerberos",
    "snowflake",
    "sharedkey",
    "sharedkeylite",
    "splunk",
    "aws4-hmac-sha256",
    "aws",
    "scram-sha-256",
    "scram-sha-1",
];

/// Returns the credential in or after this word, for a word that is not a key.
pub(super) fn find(source: Source<'_>, word: Range<usize>) -> Option<(usize, usize)> {
    let (text, end) = (source.slice(word.clone()), word.end);
    match source.byte(word.start)? {
        b'e' if text.starts_with("eyJ") && text.contains('.') => Some((word.start, end)),
        b'-' | b'B' if text.ends_with("BEGIN") => private_key(source, end),
        b'b' | b'B' if text.eq_ignore_ascii_case("bearer") => argument(source, end, is_no_prose),
        b'b' | b'B' if text.eq_ignore_ascii_case("basic") => argument(source, end, is_base64),
        b'-' if ["-u", "-U", "--user", "--proxy-user"].contains(&text) => user_option(source, end),
        b'n' | b'N' if text.eq_ignore_ascii_case("negotiate") => argument(source, end, is_base64),
        _ => None,
    }
}

/// Returns the link to the value of a header that has no colon: `Authorization Basic …`.
pub(super) fn after_header(source: Source<'_>, end: usize) -> Option<Link> {
    let value = source.skip_spaces(end);
    let after = source.skip(value, |byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let scheme = source.slice(value..after);
    let is_scheme = value > end && SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let link = Link { separator: Separator::Colon, value, is_key_quoted: false, has_space_before: false };
    (is_scheme && source.skip_spaces(after) > after).then_some(link)
}

/// Returns the argument of a scheme. `is_credential` decides about one without quotes.
fn argument(source: Source<'_>, end: usize, is_credential: fn(&str) -> bool) -> Option<(usize, usize)> {
    let start = match source.decoded(end)? {
        (b' ', len) if len > 1 => end + len,
        _ => source.skip_whitespace(end),
    };
    if start == end {
        return None;
    }
    if let Some(Delimited::Quoted(end)) = delimited(source, start) {
        return Some((start, end));
    }
    let is_end = |byte| is_whitespace(byte) || matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b',' | b';' | b')' | b']' | b'}');
    let end = source.skip(start, |byte| !is_end(byte));
    is_credential(source.slice(start..end)).then_some((start, end))
}

/// The password of `curl --user app:password`.
fn user_option(source: Source<'_>, end: usize) -> Option<(usize, usize)> {
    let start = source.skip(end, |byte| is_whitespace(byte) || matches!(byte, b'"' | b'\'' | b',' | b'=' | b'\\'));
    let colon = source.skip(start, |byte| is_word(byte) || byte == b'@');
    let password = colon + 1;
    let end = source.skip(password, |byte| !is_whitespace(byte) && !matches!(byte, b'"' | b'\''));
    (colon > start && source.byte(colon) == Some(b':') && end > password).then_some((password, end))
}

fn is_no_prose(text: &str) -> bool {
    let word = text.trim_end_matches([':', '.', '=']);
    !word.is_empty() && !PROSE.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// A word has no digits, and no capitals after a small letter.
fn is_base64(text: &str) -> bool {
    let is_mixed = |pair: &[u8]| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase());
    let has_other = |byte: u8| byte.is_ascii_digit() || byte == b'=';
    text.len() >= 4 && (text.as_bytes().windows(2).any(is_mixed) || text.bytes().any(has_other))
}

/// The maximum length of the label after `BEGIN`.
const MAX_LABEL: usize = 64;

/// The text between the `BEGIN` line and the `END` line of a private key.
fn private_key(source: Source<'_>, end: usize) -> Option<(usize, usize)> {
    let label_end = source.skip(end, |byte| byte != b'-' && !is_line_break(byte)).min(end + MAX_LABEL);
    let label = source.slice(end..label_end);
    if !label.contains("PRIVATE") {
        return None;
    }
    let start = source.skip(label_end, |byte| byte == b'-');
    let close = source.find(start, "-END").or_else(|| source.find(start, "- END")).unwrap_or(source.len());
    let mut key_end = close;
    while key_end > start && source.byte_before(key_end) == Some(b'-') {
        key_end -= 1;
    }
    Some((start, key_end))
}
