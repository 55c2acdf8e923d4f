//! The text under the scanner, read byte by byte. Every byte that is compared here can also be written as a code: `%3D`,
//! `\u003d` or `&#61;` is an `=`.

use std::ops::Range;

/// The maximum number of backslashes before a code.
const MAX_ESCAPES: usize = 8;

/// A text. Reading past its end returns `None`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Source<'t>(pub(super) &'t str);

impl<'t> Source<'t> {
    pub(super) fn byte(self, at: usize) -> Option<u8> {
        #[cfg(test)]
        super::tests::count_step();
        self.0.as_bytes().get(at).copied()
    }

    pub(super) fn byte_before(self, at: usize) -> Option<u8> {
        self.byte(at.checked_sub(1)?)
    }

    pub(super) fn len(self) -> usize {
        self.0.len()
    }

    /// Returns a part of the text, or nothing if the range splits a character.
    pub(super) fn slice(self, range: Range<usize>) -> &'t str {
        self.0.get(range).unwrap_or_default()
    }

    pub(super) fn bytes(self, range: Range<usize>) -> &'t [u8] {
        self.0.as_bytes().get(range).unwrap_or_default()
    }

    /// Returns the first position at or after `at` whose byte does not match.
    pub(super) fn skip(self, mut at: usize, matches: impl Fn(u8) -> bool) -> usize {
        while self.byte(at).is_some_and(&matches) {
            at += 1;
        }
        at
    }

    /// Skips spaces, tabs and no-break spaces.
    pub(super) fn skip_spaces(self, mut at: usize) -> usize {
        loop {
            at = self.skip(at, is_space);
            if !self.starts_with(at, "\u{a0}") {
                return at;
            }
            at += 2;
        }
    }

    pub(super) fn skip_whitespace(self, at: usize) -> usize {
        self.skip(at, is_whitespace)
    }

    pub(super) fn line_end(self, at: usize) -> usize {
        self.skip(at, |byte| !is_line_break(byte))
    }

    /// Ignores the case of ASCII letters.
    pub(super) fn starts_with(self, at: usize, prefix: &str) -> bool {
        self.byte(at).is_some_and(|byte| prefix.as_bytes().first().is_some_and(|first| first.eq_ignore_ascii_case(&byte)))
            && self.bytes(at..at + prefix.len()).eq_ignore_ascii_case(prefix.as_bytes())
    }

    /// Returns the position of `needle` at or after `at`.
    pub(super) fn find(self, at: usize, needle: &str) -> Option<usize> {
        (at..self.len()).find(|at| self.starts_with(*at, needle))
    }

    /// Returns the ASCII character at `at`, plain or as a code, and the length of its spelling.
    pub(super) fn decoded(self, at: usize) -> Option<(u8, usize)> {
        let byte = self.byte(at)?;
        let coded = match byte {
            b'%' => self.percent_coded(at),
            b'\\' => self.backslash_coded(at),
            b'&' => self.entity(at),
            0xef if self.starts_with(at, "：") => Some((b':', 3)),
            0xef if self.starts_with(at, "＝") => Some((b'=', 3)),
            _ => None,
        };
        Some(coded.unwrap_or((byte, 1)))
    }

    /// `%3D`, also when it is encoded again: `%253D`.
    fn percent_coded(self, at: usize) -> Option<(u8, usize)> {
        let mut digits = at + 1;
        while self.starts_with(digits, "25") && self.hex(digits + 2, 2).is_some() {
            digits += 2;
        }
        Some((self.hex(digits, 2)?, digits + 2 - at))
    }

    /// `\u003d` or `\x3d`, also when it is escaped again: `\\u003d`.
    fn backslash_coded(self, at: usize) -> Option<(u8, usize)> {
        let letter = (at..at + MAX_ESCAPES).find(|at| self.byte(*at) != Some(b'\\'))?;
        let digits = match self.byte(letter)? {
            b'u' if self.starts_with(letter + 1, "00") => letter + 3,
            b'x' => letter + 1,
            _ => return None,
        };
        Some((self.hex(digits, 2)?, digits + 2 - at))
    }

    fn entity(self, at: usize) -> Option<(u8, usize)> {
        const ENTITIES: [(&str, u8); 9] = [
            ("&quot;", b'"'),
            ("&#34;", b'"'),
            ("&#x22;", b'"'),
            ("&apos;", b'\''),
            ("&#39;", b'\''),
            ("&#x27;", b'\''),
            ("&lt;", b'<'),
            ("&gt;", b'>'),
            ("&#61;", b'='),
        ];
        let (name, byte) = ENTITIES.iter().find(|(name, _)| self.starts_with(at, name))?;
        Some((*byte, name.len()))
    }

    fn hex(self, at: usize, len: usize) -> Option<u8> {
        let digits = self.bytes(at..at + len);
        let value = digits.iter().try_fold(0, |value, digit| Some(value * 16 + char::from(*digit).to_digit(16)?))?;
        u8::try_from(value).ok().filter(|byte| digits.len() == len && byte.is_ascii())
    }
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

pub(super) fn is_line_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// NUL separates the arguments of a process.
pub(super) fn is_whitespace(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0
}

/// The bytes of keys.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}
