//! How far a value reaches that has no delimiters. Where two forms are possible, the longer value counts.

use super::delimited::{Delimited, delimited, ends_text, with_adjacent};
use super::lines::{continued, next_lines};
use super::pair::{Separator, pair};
use super::place::Place;
use super::source::{Source, is_line_break, is_whitespace};
use super::trim::trim;

/// Why a value ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    Line,
    Space,
    Quote,
    Pair,
}

/// Returns the start and the end of the value that follows a separator, if there is one. `no_pair_before` remembers up to which
/// position no other pair was found.
pub(super) fn value(source: Source<'_>, start: usize, place: Place, no_pair_before: &mut usize) -> Option<(usize, usize)> {
    let byte = source.byte(start)?;
    if is_line_break(byte) {
        return next_lines(source, start, place);
    }
    let end = match delimited(source, start) {
        // `}}` in braces and a quote in quotes do not end the value of a connection string.
        Some(Delimited::Quoted(end) | Delimited::Bracketed(end)) if place.is_in_connection_string() => {
            scan(source, end, false, b";", place).0
        }
        Some(Delimited::Quoted(end)) => or_plain(source, start, with_adjacent(source, end), place, no_pair_before),
        Some(Delimited::Bracketed(end)) => {
            let end = after_brackets(source, end, place, no_pair_before);
            or_plain(source, start, end, place, no_pair_before)
        }
        None => {
            let end = trim(source, start, plain(source, start, place, no_pair_before));
            if is_harmless(source.slice(start..end), place) {
                return None;
            }
            end
        }
    };
    (end > start).then_some((start, end))
}

/// Returns the end of a value whose quotes or brackets may be a part of it, as in the passwords `b"a";c` and `"";c`: after them
/// comes a separator, but neither white space nor another pair.
fn or_plain(source: Source<'_>, start: usize, end: usize, place: Place, no_pair_before: &mut usize) -> usize {
    let has_prefix = source.byte(start).is_some_and(|byte| byte.is_ascii_alphanumeric());
    let is_separated = matches!(source.byte(end), Some(b',' | b';' | b'&'));
    let goes_on = source.byte(end + 1).is_some_and(|byte| match byte {
        b'"' | b'\'' | b'`' | b'\\' | b'(' | b'[' | b'{' => has_prefix,
        _ => !is_whitespace(byte) && (has_prefix || pair(source, end + 1, 1, true).is_none()),
    });
    if is_separated && goes_on { end.max(trim(source, start, plain(source, start, place, no_pair_before))) } else { end }
}

/// Values that describe a problem with a credential, or its absence.
const HARMLESS: [&str; 26] = [
    "yes",
    "no",
    "true",
    "false",
    "null",
    "none",
    "nil",
    "empty",
    "not set",
    "unset",
    "missing",
    "required",
    "invalid",
    "expired",
    "rejected",
    "not found",
    "file not found",
    "no such file or directory",
    "permission denied",
    "access denied",
    "denied",
    "connection refused",
    "connection reset by peer",
    "broken pipe",
    "timed out",
    "unavailable",
];

const MAX_HARMLESS: usize = 64;

/// The maximum number of digits of a value that is a number of things, as in `max_tokens=4096`.
const MAX_COUNT_DIGITS: usize = 5;

fn is_harmless(value: &str, place: Place) -> bool {
    if value.len() > MAX_HARMLESS {
        return false;
    }
    let text = if value.ends_with(|end: char| end.is_ascii_digit()) {
        value.split_once(" (os error ").map_or(value, |(text, _)| text)
    } else {
        value
    };
    let is_count = place.key.is_plural && value.len() <= MAX_COUNT_DIGITS && value.bytes().all(|byte| byte.is_ascii_digit());
    is_count || HARMLESS.iter().any(|known| text.eq_ignore_ascii_case(known))
}

/// What follows brackets directly belongs to the value, and so does what follows on the line of a YAML value or a header: a value
/// can have brackets without being in brackets.
fn after_brackets(source: Source<'_>, end: usize, place: Place, no_pair_before: &mut usize) -> usize {
    let is_closing = |byte| matches!(byte, b',' | b';' | b')' | b']' | b'}' | b'>' | b'&' | b'<');
    let is_line = place.separator == Separator::Colon || place.is_header();
    let signs = source.skip(end, is_closing);
    let next = source.skip_spaces(signs);
    let goes_on = source.byte(next).is_some_and(|byte| match byte {
        _ if is_line_break(byte) => false,
        _ if next > signs => is_line && signs == end && !is_closing(byte) && byte != b'"',
        b'"' | b'\'' | b'`' | b'\\' => signs == end,
        b'.' | b':' => !source.byte(next + 1).is_none_or(is_whitespace),
        _ => true,
    });
    if goes_on { trim(source, end, plain(source, end, place, no_pair_before)) } else { end }
}

fn plain(source: Source<'_>, start: usize, place: Place, no_pair_before: &mut usize) -> usize {
    match place.separator {
        Separator::Colon => line(source, start, place),
        _ if place.is_header() => line(source, start, place),
        Separator::Equals => assigned(source, start, place, no_pair_before),
        Separator::Gap => scan(source, start, true, b"", place).0,
    }
}

/// The value of `key=value` without quotes.
fn assigned(source: Source<'_>, start: usize, place: Place, no_pair_before: &mut usize) -> usize {
    let (end, stop) = match place.between_pairs {
        Some(b';') => scan(source, start, false, b";", place),
        Some(_) => scan(source, start, true, b"&", place),
        None => scan(source, start, true, b"", place),
    };
    if stop == Stop::Line && (place.is_long || place.between_pairs.is_some()) {
        return continued(source, end, place.indent);
    }
    if stop != Stop::Space {
        return end;
    }
    if end >= *no_pair_before {
        let (next, found) = scan(source, end, false, b" ;&", place);
        if found == Stop::Pair {
            return next;
        }
        *no_pair_before = next;
    }
    if place.is_long && place.between_pairs.is_none() {
        let (end, stop) = scan(source, end, false, b"", place);
        return if stop == Stop::Line { continued(source, end, place.indent) } else { end };
    }
    end
}

/// The rest of a line, and the lines after it with more indentation: a value of YAML, a header.
fn line(source: Source<'_>, start: usize, place: Place) -> usize {
    let before_pairs: &[u8] = if place.begins_line || place.is_header() { b"" } else { b"," };
    let (end, stop) = scan(source, start, false, before_pairs, place);
    if stop == Stop::Line { continued(source, end, place.indent) } else { end }
}

/// Finds the end of a plain value: the end of the line, the quote around the pair, white space if `ends_at_space`, or one of
/// `before_pairs` if another pair follows it.
fn scan(source: Source<'_>, start: usize, ends_at_space: bool, before_pairs: &[u8], place: Place) -> (usize, Stop) {
    let mut at = start;
    while let Some(byte) = source.byte(at) {
        match byte {
            b'\\' => {
                let after = source.skip(at, |byte| byte == b'\\');
                match source.byte(after) {
                    Some(byte) if is_closing(source, after, byte, place) => return (at, Stop::Quote),
                    Some(byte) if is_line_break(byte) && (after - at) % 2 == 1 => at = source.skip_whitespace(after),
                    Some(byte) if is_whitespace(byte) && (after - at) % 2 == 1 => at = after + 1,
                    Some(b'"' | b'\'' | b'`') => at = after + 1,
                    _ => at = after,
                }
            }
            b'"' | b'\'' | b'`' if is_closing(source, at, byte, place) => return (at, Stop::Quote),
            b'"' | b'\'' | b'`' if ends_at_space && at > start && Some(byte) != place.quote => at = part(source, at, byte),
            _ if is_line_break(byte) => return (at, Stop::Line),
            _ if ends_at_space && is_whitespace(byte) => return (at, Stop::Space),
            _ if before_pairs.contains(&byte) && is_before_pair(source, at, byte, place) => return (at, Stop::Pair),
            _ => at += 1,
        }
    }
    (source.len(), Stop::Line)
}

fn is_closing(source: Source<'_>, at: usize, byte: u8, place: Place) -> bool {
    Some(byte) == place.quote && source.byte(at + 1).is_none_or(ends_text)
}

/// The end of a part in quotes inside of a word, as in `a'b c'd` of a shell.
fn part(source: Source<'_>, at: usize, quote: u8) -> usize {
    if source.byte(at + 1).is_none_or(ends_text) {
        return at + 1;
    }
    let close = source.skip(at + 1, |byte| byte != quote && !is_line_break(byte));
    if source.byte(close) == Some(quote) { close + 1 } else { at + 1 }
}

fn is_before_pair(source: Source<'_>, at: usize, sign: u8, place: Place) -> bool {
    let is_assigned = place.separator == Separator::Equals;
    let next = match sign {
        b';' if is_assigned => {
            return source.byte(source.skip_spaces(at + 1)).is_none_or(is_line_break) || pair(source, at + 1, 4, true).is_some();
        }
        b' ' => pair(source, at + 1, 1, place.has_spaces),
        b'&' => pair(source, at + 1, 1, false),
        _ if !source.byte(at + 1).is_some_and(|byte| is_whitespace(byte) || matches!(byte, b'"' | b'\'' | b'\\')) => None,
        _ => pair(source, at + 1, 1, true),
    };
    next.is_some_and(|separator| (separator == Separator::Equals) == is_assigned)
}
