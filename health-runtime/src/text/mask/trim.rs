//! What after a value is not part of it.

use super::source::{Source, is_whitespace};

/// The maximum number of signs after a value that are shown.
const MAX_CLOSING_SIGNS: usize = 3;

/// Leaves out white space and what closes a sentence or the brackets around a pair.
pub(super) fn trim(source: Source<'_>, start: usize, mut end: usize) -> usize {
    let full = end;
    let mut signs = 0;
    let value = source.bytes(start..end);
    let last_quote = value.iter().rev().take(MAX_CLOSING_SIGNS).find(|byte| matches!(byte, b'"' | b'\'' | b'`'));
    let has_quotes = last_quote.is_some_and(|quote| !value.iter().fold(false, |is_odd, byte| is_odd ^ (byte == quote)));
    while end > start {
        match source.byte_before(end) {
            Some(byte) if is_whitespace(byte) => end -= 1,
            Some(b'"' | b'\'' | b'`') if has_quotes => return end,
            Some(byte) if is_closing_sign(byte) && signs < MAX_CLOSING_SIGNS => {
                end -= 1;
                signs += 1;
            }
            _ => return end,
        }
    }
    full
}

/// Whether a byte can be between a value and the white space after it.
pub(super) fn is_closing_sign(byte: u8) -> bool {
    matches!(byte, b',' | b';' | b':' | b'.' | b')' | b']' | b'}' | b'>' | b'"' | b'\'' | b'`')
}
