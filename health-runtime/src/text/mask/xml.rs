//! The content of XML elements whose name is a key, also when the markup is escaped: `&lt;password&gt;…`.

use std::ops::Range;

use super::source::{Source, is_whitespace};

/// Returns where the secret of the element `name` begins and ends: its attributes, if it has any, and its content.
pub(super) fn element(source: Source<'_>, name: Range<usize>, last_closing_tag: &mut Option<usize>) -> Option<(usize, usize)> {
    if !opens_tag(source, name.start) {
        return None;
    }
    let body = tag_end(source, name.end)?;
    let tag = source.slice(name.end..body).trim_end_matches(['>', ';']);
    if source.slice(name.end..body).contains('/') && tag.trim_end_matches("&gt").ends_with('/') {
        return Some((name.end, body)).filter(|_| tag.len() > 1);
    }
    let has_attributes = source.byte(name.end).is_some_and(is_whitespace);
    let start = if has_attributes { name.end } else { body };
    let end = content_end(source, body, source.slice(name), last_closing_tag).or(has_attributes.then_some(body))?;
    (end > start).then_some((start, end))
}

/// Whether `<` or `<namespace:` is before the name.
fn opens_tag(source: Source<'_>, name: usize) -> bool {
    let is_open = |at: usize| {
        source.byte_before(at) == Some(b'<')
            || source.bytes(at.saturating_sub(4)..at).eq_ignore_ascii_case(b"&lt;")
            || source.bytes(at.saturating_sub(6)..at).eq_ignore_ascii_case(b"\\u003c")
    };
    let mut at = name;
    if source.byte_before(name) == Some(b':') {
        at -= 1;
        while source.byte_before(at).is_some_and(|byte| byte.is_ascii_alphanumeric()) && name - at < 32 {
            at -= 1;
        }
    }
    is_open(at)
}

/// Returns the value after the name of a setting: `<entry key="password">…</entry>`, `<key>password</key><string>…</string>`.
/// `close` is the end of the name and its quotes.
pub(super) fn named(source: Source<'_>, close: usize, last_closing_tag: &mut Option<usize>) -> Option<(usize, usize)> {
    let start = match source.decoded(close)? {
        (b'>', len) => close + len,
        (b'<', len) if source.byte(close + len) == Some(b'/') => {
            let next = source.skip_whitespace(tag_end(source, close + len)?);
            let (b'<', len) = source.decoded(next)? else { return None };
            tag_end(source, next + len)?
        }
        _ => return None,
    };
    let end = content_end(source, start, "", last_closing_tag)?;
    (end > start).then_some((start, end))
}

/// Returns the end of the tag that is open at `at`.
fn tag_end(source: Source<'_>, mut at: usize) -> Option<usize> {
    loop {
        match source.decoded(at)? {
            (b'>', len) => return Some(at + len),
            (b'<', _) => return None,
            (_, len) => at += len,
        }
    }
}

/// Returns where the closing tag of an element begins, or any closing tag if `name` is empty. Text without a closing tag is
/// content up to the end of its line, unless white space or another sign shows that it is none: `expected <token>, found …`.
/// `last_closing_tag` is a cache.
fn content_end(source: Source<'_>, start: usize, name: &str, last_closing_tag: &mut Option<usize>) -> Option<usize> {
    let find_last = || ["</", ";/", "c/", "C/"].iter().filter_map(|tag| source.0.rfind(tag)).max().unwrap_or(0);
    if start > *last_closing_tag.get_or_insert_with(find_last) {
        let ends_prose =
            |byte| is_whitespace(byte) || matches!(byte, b',' | b'.' | b';' | b':' | b')' | b']' | b'"' | b'\'' | b'`');
        return (!source.byte(start).is_none_or(ends_prose)).then(|| source.line_end(start));
    }
    let mut at = start;
    while let Some((byte, len)) = source.decoded(at) {
        if byte == b'<' && source.byte(at + len) == Some(b'/') {
            let tag = at + len + 1;
            let prefix = source.skip(tag, |byte| byte.is_ascii_alphanumeric());
            let local = if source.byte(prefix) == Some(b':') { prefix + 1 } else { tag };
            if name.is_empty() || source.starts_with(local, name) {
                return Some(at);
            }
        }
        at += len;
    }
    Some(source.len())
}
