//! Values with a delimiter at their end: text in quotes or in brackets, with or without the name of a type in front.

use super::source::{Source, is_whitespace, is_word};

/// What a value with its own end is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delimited {
    Quoted(usize),
    Bracketed(usize),
}

/// What can be before a quote: the string prefixes of Rust, Python, C, C# and SQL.
const STRING_PREFIXES: [&str; 14] = ["b", "r", "br", "rb", "c", "cr", "u", "f", "fr", "rf", "n", "e", "x", "l"];

/// The maximum length of the arguments of a generic type.
const MAX_GENERICS: usize = 64;

/// Returns the end of a value that has its own delimiters, for example `"x"`, `&Some("x")` or `{"a": "x"}`.
pub(super) fn delimited(source: Source<'_>, start: usize) -> Option<Delimited> {
    let name = source.skip(start, |byte| matches!(byte, b'&' | b'*' | b'!' | b'@' | b'$' | b'~'));
    let mut at = source.skip(name, is_type_name);
    let opens = source.byte(at).is_some_and(|byte| !byte.is_ascii() || matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b'#' | b'&'));
    let is_prefix =
        at == name || opens && STRING_PREFIXES.iter().any(|prefix| source.slice(name..at).eq_ignore_ascii_case(prefix));
    if is_prefix && let Some(end) = raw(source, at).or_else(|| quoted(source, at)) {
        return Some(Delimited::Quoted(end));
    }
    if at > name && source.byte(at) == Some(b'<') {
        at = source.skip(generics(source, at)?, is_type_name);
    }
    let is_struct = at > name && source.byte(at) == Some(b' ') && source.byte(at + 1) == Some(b'{');
    bracketed(source, at + usize::from(is_struct)).map(Delimited::Bracketed)
}

fn is_type_name(byte: u8) -> bool {
    byte == b':' || is_word(byte) && byte != b'-'
}

fn generics(source: Source<'_>, start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for at in start..start + MAX_GENERICS {
        match source.byte(at)? {
            b'<' => depth += 1,
            b'>' if depth == 1 => return Some(at + 1),
            b'>' => depth -= 1,
            b'\n' | b'"' => return None,
            _ => {}
        }
    }
    None
}

/// The end of a raw string, from the hashes after its `r`: `#"…"#`.
fn raw(source: Source<'_>, start: usize) -> Option<usize> {
    let quote = source.skip(start, |byte| byte == b'#');
    let hashes = quote - start;
    let open = source.skip(quote, |byte| byte == b'\\');
    if hashes == 0 || source.byte(open) != Some(b'"') {
        return None;
    }
    let mut at = open + 1;
    while at < source.len() {
        if source.byte(at) != Some(b'"') {
            at += 1;
            continue;
        }
        let end = source.skip(at + 1, |byte| byte == b'#');
        if end - at > hashes {
            return Some(at + 1 + hashes);
        }
        at = end;
    }
    Some(source.len())
}

/// Returns the end of a text in quotes: after the closing quote, or the end of the text if there is none.
///
/// A quote inside of quotes is escaped, and escaped again for each time that the text around it was quoted. The closing quote
/// has as many backslashes as the opening one, after those of the value, which come in groups of twice as many and two.
pub(super) fn quoted(source: Source<'_>, start: usize) -> Option<usize> {
    let quote_at = source.skip(start, |byte| byte == b'\\');
    let Some(quote) = source.byte(quote_at).filter(|byte| matches!(byte, b'"' | b'\'' | b'`')) else {
        return other_quoted(source, start);
    };
    let escapes = quote_at - start;
    if escapes == 0 && source.byte(quote_at + 1) == Some(quote) && source.byte(quote_at + 2) == Some(quote) {
        return Some(tripled(source, quote_at + 3, quote));
    }
    if escapes == 0 && is_doubled(source, quote_at, quote) {
        return Some(doubled(source, quote_at + 2, quote));
    }
    let (mut at, mut backslashes) = (quote_at + 1, 0);
    while let Some(byte) = source.byte(at) {
        at += 1;
        if byte == quote && backslashes % (2 * (escapes + 1)) == escapes {
            return Some(at);
        }
        backslashes = if byte == b'\\' { backslashes + 1 } else { 0 };
    }
    Some(source.len())
}

/// The end of a text in triple quotes.
fn tripled(source: Source<'_>, mut at: usize, quote: u8) -> usize {
    while at < source.len() {
        let end = source.skip(at, |byte| byte == quote);
        if end - at >= 3 {
            return end;
        }
        at = end + 1;
    }
    source.len()
}

/// Whether a text in doubled quotes begins, as in CSV: `""x""`.
fn is_doubled(source: Source<'_>, at: usize, quote: u8) -> bool {
    source.byte(at + 1) == Some(quote) && !source.byte(at + 2).is_none_or(ends_text)
}

fn doubled(source: Source<'_>, start: usize, quote: u8) -> usize {
    let is_closing = |at: &usize| source.byte(*at) == Some(quote) && source.byte(*at + 1) == Some(quote);
    (start..source.len()).find(is_closing).map_or(source.len(), |at| at + 2)
}

/// The end of a text in typographic quotes, or in quotes that are written as a code, as in `&quot;x&quot;`.
fn other_quoted(source: Source<'_>, start: usize) -> Option<usize> {
    if let Some((family, len)) = typographic(source, start) {
        let is_closing = |at: &usize| typographic(source, *at).is_some_and(|(closing, _)| closing == family);
        return Some((start + len..source.len()).find(is_closing).map_or(source.len(), |at| at + len));
    }
    let (quote, len) = source.decoded(start)?;
    // A percent code is part of a word without white space.
    if len == 1 || !matches!(quote, b'"' | b'\'') || source.byte(start) == Some(b'%') {
        return None;
    }
    let spelling = source.slice(start..start + len);
    Some(source.find(start + len, spelling).map_or(source.len(), |at| at + len))
}

/// Returns the family of a typographic quote, and its length.
pub(super) fn typographic(source: Source<'_>, at: usize) -> Option<(u8, usize)> {
    const FAMILIES: [&str; 5] = ["‘’‚‛", "“”„‟", "‹›", "«»", "「」『』"];
    let len = match source.byte(at)? {
        0xc2 => 2,
        0xe2 | 0xe3 => 3,
        _ => return None,
    };
    let quote = source.slice(at..at + len);
    let family = FAMILIES.iter().position(|family| !quote.is_empty() && family.contains(quote))?;
    Some((u8::try_from(family).ok()?, len))
}

/// Returns the end of what is in brackets: after the closing bracket, or the end of the text if there is none. Brackets of
/// another kind are not counted.
fn bracketed(source: Source<'_>, start: usize) -> Option<usize> {
    let open = source.byte(start)?;
    let close = match open {
        b'(' => b')',
        b'[' => b']',
        b'{' => b'}',
        _ => return None,
    };
    let (mut at, mut depth) = (start, 0_usize);
    while let Some(byte) = source.byte(at) {
        let is_apostrophe = byte == b'\'' && source.bytes(at.saturating_sub(2)..at).iter().all(u8::is_ascii_alphanumeric);
        let inner = match byte {
            b'#' => raw(source, at),
            b'"' | b'\'' | b'`' | b'\\' | b'&' | 0xc2 | 0xe2 | 0xe3 if !is_apostrophe => quoted(source, at),
            _ => None,
        };
        if byte == close && depth == 1 {
            return Some(at + 1);
        }
        depth = depth + usize::from(byte == open) - usize::from(byte == close);
        let next = if matches!(byte, b'\\' | b'#') { source.skip(at, |other| other == byte) } else { at + 1 };
        at = inner.unwrap_or(next);
    }
    Some(source.len())
}

/// Returns the end of a value whose first part ends at `end`. What follows without white space belongs to it: the rest after a
/// quote that was not escaped, `'it'\''s'` of a shell, `"a""b"` of ADO.NET.
pub(super) fn with_adjacent(source: Source<'_>, mut end: usize) -> usize {
    while let Some(byte) = source.byte(end) {
        if is_whitespace(byte) || matches!(byte, b',' | b';' | b')' | b']' | b'}' | b'>' | b'&' | b'<') {
            break;
        }
        let after = source.skip(end, |byte| byte == b'\\');
        let is_quote = source.byte(after).is_some_and(|byte| matches!(byte, b'"' | b'\'' | b'`'));
        if after > end && is_quote {
            // An escaped quote around the text, unless another quote follows.
            if !source.byte(after + 1).is_some_and(|byte| matches!(byte, b'"' | b'\'')) {
                break;
            }
            end = after + 1;
        } else if is_quote {
            // The quote around the text, or the next part of the value.
            if source.byte_before(end) != Some(byte) && source.byte(end + 1).is_none_or(ends_text) {
                break;
            }
            end = quoted(source, end).unwrap_or(end + 1);
        } else if byte == b':' && source.byte(end + 1).is_none_or(is_whitespace) {
            break;
        } else {
            end += 1;
        }
    }
    end
}

/// Whether a byte after a quote shows that the quote is a closing one.
pub(super) fn ends_text(byte: u8) -> bool {
    is_whitespace(byte) || matches!(byte, b',' | b';' | b')' | b']' | b'}' | b'>' | b'<' | b':' | b'.' | b'&' | b'|' | b'\\')
}
