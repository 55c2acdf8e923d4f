//! What is between a key and its value: the end of a quoted or bracketed key, and a separator.

use super::delimited::{Delimited, delimited, typographic};
use super::source::{Source, is_line_break, is_space, is_whitespace, is_word};
use super::trim::is_closing_sign;

/// What is between a key and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    /// `=`, `:=`, `==`, `+=`, `=>` and similar operators.
    Equals,
    Colon,
    /// A comma or white space: a pair as a list, or the arguments of a process.
    Gap,
}

/// A separator after a key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    pub(super) separator: Separator,
    /// The start of the value.
    pub(super) value: usize,
    pub(super) is_key_quoted: bool,
    pub(super) has_space_before: bool,
}

/// The maximum length of an index, as in `password[0]`.
const MAX_INDEX: usize = 40;

/// Returns the separator after a key. A key that is an option of a command line, or the first in brackets, needs no other.
pub(super) fn link(source: Source<'_>, start: usize, close: Close) -> Option<Link> {
    let Close { end: closed, quote } = close;
    let spaces = source.skip_spaces(closed);
    let next = source.skip_whitespace(spaces);
    let after = if quote.is_some() || matches!(source.byte(next), Some(b':' | b'=')) { next } else { spaces };
    let link = |separator, value| Link { separator, value, is_key_quoted: quote.is_some(), has_space_before: spaces > closed };
    if let Some((separator, value)) = separator(source, after) {
        return Some(link(separator, source.skip_spaces(value)));
    }
    let comma = source.skip(after, |byte| byte == b',');
    let value = source.skip_whitespace(comma);
    let is_option = source.byte(start) == Some(b'-') && quote != Some(b'`');
    let is_first = comma > after && matches!(source.byte_before(start), Some(b'(' | b'['));
    let is_quoted = matches!(quote, Some(b'"' | b'\'')) && matches!(source.byte_before(start), Some(b'"' | b'\''));
    let is_list = is_option || is_first || is_quoted && is_last_of_pair(source, value);
    (is_list && value > closed && value < source.len()).then(|| link(Separator::Gap, value))
}

/// Whether a value with delimiters is at `at`, and not the key of another pair.
fn is_last_of_pair(source: Source<'_>, at: usize) -> bool {
    let Some(Delimited::Quoted(end) | Delimited::Bracketed(end)) = delimited(source, at) else { return false };
    separator(source, source.skip_whitespace(end)).is_none()
}

/// Returns the link to a value that is named by another pair: `name: PASSWORD` and `value: …`.
pub(super) fn named_value(source: Source<'_>, name: Close) -> Option<Link> {
    let start = source.skip(name.end, |byte| is_whitespace(byte) || matches!(byte, b',' | b';' | b'"' | b'\'' | b'\\'));
    let end = source.skip(start, |byte| byte.is_ascii_alphabetic());
    let word = source.slice(start..end);
    let is_value = start > name.end && ["value", "val"].iter().any(|value| word.eq_ignore_ascii_case(value));
    if is_value { link(source, start, close(source, end)) } else { None }
}

/// Whether the port of a host is at `at`: digits after a colon, before a slash, or before closing signs and white space.
pub(super) fn is_port(source: Source<'_>, at: usize) -> bool {
    let end = source.skip(at, |byte| byte.is_ascii_digit());
    let is_at_end = || source.byte(source.skip(end, is_closing_sign)).is_none_or(is_whitespace);
    end > at && source.byte_before(at) == Some(b':') && (source.byte(end) == Some(b'/') || is_at_end())
}

/// Returns the link to a text in quotes after spaces.
pub(super) fn quoted_after(source: Source<'_>, end: usize) -> Option<Link> {
    let value = source.skip_spaces(end);
    let is_quoted = value > end && matches!(source.byte(value), Some(b'"' | b'\'' | b'`'));
    is_quoted.then_some(Link { separator: Separator::Gap, value, is_key_quoted: false, has_space_before: true })
}

/// What closes a key: `"`, `\"`, `"]`, `%5D`, `[0]`, or nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Close {
    pub(super) end: usize,
    quote: Option<u8>,
}

pub(super) fn close(source: Source<'_>, mut at: usize) -> Close {
    let mut quote = None;
    while let Some((byte, len)) = source.decoded(at) {
        match byte {
            b'"' | b'\'' | b'`' => quote = Some(byte),
            b'\\' | b']' => {}
            b')' if quote.is_some() => {}
            b'[' => {
                let end = source.skip(at + len, |byte| is_word(byte) || matches!(byte, b'"' | b'\''));
                if end - at > MAX_INDEX || source.decoded(end).is_none_or(|(byte, _)| byte != b']') {
                    break;
                }
                at = end;
                continue;
            }
            _ => {
                let Some((_, len)) = typographic(source, at) else { break };
                (quote, at) = (Some(b'"'), at + len);
                continue;
            }
        }
        at += len;
    }
    Close { end: at, quote }
}

/// Returns the kind and the end of a separator: an operator with `=` or `:`, or an arrow.
fn separator(source: Source<'_>, start: usize) -> Option<(Separator, usize)> {
    let sign = |at| source.decoded(at).filter(|(byte, _)| matches!(byte, b'=' | b':'));
    let mut at = source.skip(start, |byte| matches!(byte, b'+' | b'?' | b'|' | b'!' | b'~' | b'<' | b'-')).min(start + 3);
    let mut is_equals = source.byte_before(at) == Some(b'-') && at > start && source.byte(at) == Some(b'>');
    if !is_equals {
        sign(at)?;
    }
    let mut end = at;
    while let Some((byte, len)) = sign(at) {
        // The colon of `=:` is the start of the value, unless white space follows.
        if is_equals && byte == b':' && !source.byte(at + len).is_none_or(is_whitespace) {
            break;
        }
        is_equals |= byte == b'=';
        end = at + len;
        at = source.skip_spaces(end);
    }
    if source.byte(end) == Some(b'>') {
        is_equals = true;
        end += 1;
    }
    Some((if is_equals { Separator::Equals } else { Separator::Colon }, end))
}

/// Returns the separator of the pair at `at`, if there is one. Its key has at most `max_words` words.
pub(super) fn pair(source: Source<'_>, at: usize, max_words: usize, allows_spaces: bool) -> Option<Separator> {
    let mut at = source.skip(source.skip_spaces(at), |byte| matches!(byte, b'"' | b'\'' | b'\\' | b'`'));
    for word in 0..max_words {
        let end = source.skip(at, |byte| is_word(byte) || matches!(byte, b'$' | b'%' | b'@'));
        let Close { end: closed, quote } = close(source, end);
        let spaced = source.skip(closed, is_space);
        if end == at {
            return None;
        }
        if let Some((separator, value)) = separator(source, if allows_spaces { spaced } else { closed }) {
            let is_before_space = source.byte(value).is_none_or(is_whitespace);
            let is_pair = match separator {
                Separator::Equals if allows_spaces => !source.byte(source.skip_spaces(value)).is_none_or(is_line_break),
                Separator::Equals => !is_before_space,
                _ => quote.is_some() || word == 0 && is_before_space,
            };
            return is_pair.then_some(separator);
        }
        if spaced == closed {
            return None;
        }
        at = spaced;
    }
    None
}
