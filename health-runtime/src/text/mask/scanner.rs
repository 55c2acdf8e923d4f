//! The scanner: what surrounds each word decides whether a credential follows.

use std::borrow::Cow;
use std::ops::Range;

use super::keys::{self, Key, KeyKind};
use super::pair::{self, Link, Separator};
use super::place::Place;
use super::source::{Source, is_line_break, is_whitespace, is_word};
use super::trigger::has_trigger;
use super::value;
use super::{token, url, xml};

/// The maximum length of the name of a setting.
const MAX_NAME: usize = 64;

/// What is shown instead of a credential.
const MASK: &str = "***";

/// The state between two words.
#[derive(Debug, Default)]
pub(super) struct Scanner<'t> {
    source: Source<'t>,
    at: usize,
    /// The text up to `copied`, masked.
    masked: String,
    copied: usize,
    line: Line,
    previous_word: Range<usize>,
    /// A colon was found since white space or a quote.
    has_colon: bool,
    no_pair_before: usize,
    last_closing_tag: Option<usize>,
}

/// What the current line has before the current position.
#[derive(Debug, Default)]
struct Line {
    start: usize,
    /// Where the first word begins.
    indent: Option<usize>,
    has_text: bool,
    has_pair: bool,
    /// A double quote is open.
    is_quoted: bool,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { source: Source(text), ..Self::default() }
    }

    /// Reads the text, and returns it with `***` instead of each credential.
    pub(super) fn run(mut self) -> Cow<'t, str> {
        while let Some(byte) = self.source.byte(self.at) {
            self.step(byte);
        }
        if self.masked.is_empty() {
            return Cow::Borrowed(self.source.0);
        }
        self.masked.push_str(self.source.slice(self.copied..self.source.len()));
        Cow::Owned(self.masked)
    }

    fn step(&mut self, byte: u8) {
        let at = self.at;
        self.at += 1;
        if self.line.indent.is_none() && byte != b'-' && !is_whitespace(byte) {
            self.line.indent = Some(at - self.line.start);
        }
        if is_word(byte) {
            return self.word(at);
        }
        match byte {
            b':' | b'%' if self.url(at) => return,
            b':' if self.account(at) => return,
            b'=' => self.line.has_pair = true,
            b'"' => self.line.is_quoted = !self.line.is_quoted,
            _ if is_line_break(byte) => self.line = Line { start: self.at, ..Line::default() },
            _ => {}
        }
        if is_whitespace(byte) || matches!(byte, b'"' | b'\'' | b'`') {
            self.has_colon = false;
        } else if !matches!(byte, b'\\') {
            self.line.has_text = true;
        }
    }

    fn word(&mut self, start: usize) {
        let end = self.source.skip(start, is_word);
        let text = self.source.bytes(start..end);
        if text.iter().any(|byte| *byte != b'-') {
            self.line.indent.get_or_insert(start - self.line.start);
            let name = self.name_start(start, end);
            self.at = end;
            let secret = self.secret(name..end);
            self.previous_word = name..end;
            self.line.has_text |= !is_shell_command(text);
            if let Some((start, end)) = secret {
                self.replace(start, end);
            }
        }
        self.at = self.at.max(end);
    }

    /// Leaves out a code at the start of a word: `5B` of `%5Bpassword`, `u0022` of `\u0022password`, `n` of `\npassword`.
    fn name_start(&self, start: usize, end: usize) -> usize {
        let text = self.source.bytes(start..end);
        let code = match (self.source.byte_before(start), text) {
            (Some(b'%'), _) => {
                let mut twice = 0;
                while self.source.starts_with(start + twice, "25") && end - start > twice + 4 {
                    twice += 2;
                }
                twice + 2
            }
            (Some(b'\\'), [b'u', b'0', b'0', ..]) => 5,
            (Some(b'\\'), [b'x', ..]) => 3,
            (Some(b'\\'), [b'n' | b'r' | b't', ..]) => 1,
            _ => 0,
        };
        if code < end - start { start + code } else { start }
    }

    /// Returns the credential in or after a word.
    fn secret(&mut self, word: Range<usize>) -> Option<(usize, usize)> {
        let source = self.source;
        if let Some(found) = token::find(source, word.clone()) {
            return Some(found);
        }
        let (start, end) = (word.start, word.end);
        if self.is_in_prose(&word) {
            return None;
        }
        let close = pair::close(source, end);
        let is_in_tag = self.can_be_in_tag(start);
        let is_before_tag = source.decoded(close.end).is_some_and(|(byte, _)| matches!(byte, b'<' | b'>'));
        let link = pair::link(source, start, close);
        let named = pair::named_value(source, close);
        let ends_header = source.byte_before(end) == Some(b'n');
        let is_before_quote = source.byte(end) == Some(b' ') && pair::quoted_after(source, end).is_some();
        if !(is_in_tag || is_before_tag || ends_header || is_before_quote || link.is_some() || named.is_some()) {
            return None;
        }
        let key = self.key(&word)?;
        if is_in_tag && let Some(found) = xml::element(source, word.clone(), &mut self.last_closing_tag) {
            return Some(found);
        }
        if is_before_tag && let Some(found) = xml::named(source, close.end, &mut self.last_closing_tag) {
            return Some(found);
        }
        let link = match (named, link) {
            (Some(named), None | Some(Link { separator: Separator::Gap, .. })) => named,
            (_, Some(link)) => link,
            (None, None) if key.kind == KeyKind::Header => token::after_header(source, end)?,
            (None, None) if is_password(source.slice(word.clone())) => pair::quoted_after(source, end)?,
            (None, None) => return None,
        };
        self.value(key, start, link)
    }

    /// Whether only a space is between this word and the next, so that it is not a key. This is the
    /// usual case, and it is decided first.
    fn is_in_prose(&self, word: &Range<usize>) -> bool {
        let next = if self.source.byte(word.end) == Some(b' ') { self.source.byte(word.end + 1) } else { None };
        // `value` can be next after the name of a setting, and a scheme after `Authorization`.
        next.is_some_and(|next| next.is_ascii_alphanumeric() && !matches!(next, b'v' | b'V'))
            && self.source.byte(word.start) != Some(b'-')
            && !self.can_be_in_tag(word.start)
            && self.source.byte_before(word.end) != Some(b'n')
    }

    /// Whether `<`, `<namespace:`, `&lt;` or `\u003c` can be before a word.
    fn can_be_in_tag(&self, word: usize) -> bool {
        matches!(self.source.byte_before(word), Some(b'<' | b':' | b';' | b'c' | b'C'))
    }

    fn key(&self, word: &Range<usize>) -> Option<Key> {
        let previous = self.previous_word.clone();
        let is_adjacent = self.source.bytes(previous.end..word.start).iter().all(|byte| *byte == b' ');
        let previous = if is_adjacent { self.source.bytes(previous) } else { b"" };
        let name = self.source.bytes(word.clone());
        let first = if is_adjacent { self.previous_word.start } else { word.start };
        if !has_trigger(self.source.bytes(first..(word.end + 2).min(self.source.len()))) {
            return None;
        }
        let is_code = self.between_pairs(word.start) == Some(b'&') && name.eq_ignore_ascii_case(b"code");
        keys::classify(name, previous).or_else(|| is_code.then_some(Key { kind: KeyKind::Secret, is_plural: false }))
    }

    /// Returns the value after a key and its separator.
    fn value(&mut self, key: Key, name: usize, link: Link) -> Option<(usize, usize)> {
        let source = self.source;
        let before = source.byte_before(name);
        let begins_line = !self.line.has_text;
        if link.separator == Separator::Colon && !link.is_key_quoted {
            let is_host = matches!(before, Some(b'@')) || source.bytes(name.saturating_sub(2)..name) == b"//";
            let is_url = source.byte_before(link.value) == Some(b':') && source.bytes(link.value..link.value + 2) == b"//";
            if is_host
                || is_url
                || key.kind == KeyKind::HostOrSecret && pair::is_port(source, link.value)
                || key.kind == KeyKind::Bare && self.is_after_word(name)
            {
                return None;
            }
        }
        let quote = before.filter(|byte| matches!(byte, b'"' | b'\'' | b'`')).filter(|_| !link.is_key_quoted);
        let is_in_quotes = self.line.is_quoted && !(link.is_key_quoted && before == Some(b'"'));
        let place = Place {
            separator: link.separator,
            has_spaces: link.has_space_before,
            is_long: self.line.has_pair || key.is_plural || !self.is_after_word(name),
            begins_line,
            key,
            between_pairs: self.between_pairs(name),
            quote: quote.or(is_in_quotes.then_some(b'"')),
            indent: self.line.indent.unwrap_or_default(),
        };
        let is_equals = link.separator == Separator::Equals;
        let found = value::value(source, link.value, place, &mut self.no_pair_before);
        self.line.has_pair |= is_equals;
        found.filter(|(start, end)| !(key.kind == KeyKind::Bare && self.is_name(*start, *end)))
    }

    /// Whether the value of `key` is the name of a setting, as in `<add key="name" value="…"/>`.
    fn is_name(&self, start: usize, end: usize) -> bool {
        let name = self.source.slice(start..end).trim_matches(['"', '\'']);
        if name.len() > MAX_NAME {
            return false;
        }
        let is_in_tag = self.source.decoded(end).is_some_and(|(byte, _)| byte == b'>');
        pair::named_value(self.source, pair::close(self.source, end)).is_some()
            || is_in_tag && keys::classify(name.as_bytes(), b"").is_some()
    }

    /// Whether prose is before a key.
    fn is_after_word(&self, name: usize) -> bool {
        let end = self.previous_word.end;
        let is_adjacent = end < name && self.source.bytes(end..name).iter().all(|byte| *byte == b' ');
        is_adjacent && !self.previous_word.is_empty() && !is_shell_command(self.source.bytes(self.previous_word.clone()))
    }

    /// Returns the sign that is before a key and so separates the pairs.
    fn between_pairs(&self, name: usize) -> Option<u8> {
        match self.source.byte_before(name)? {
            b'?' | b'&' | b'#' => Some(b'&'),
            b';' if self.source.bytes(name.saturating_sub(5)..name) == b"&amp;" => Some(b'&'),
            b';' => Some(b';'),
            b' ' if self.source.byte_before(name - 1) == Some(b';') => Some(b';'),
            _ => None,
        }
    }

    /// Replaces the user information of a URL whose scheme ends at `at`.
    fn url(&mut self, at: usize) -> bool {
        let Some(start) = url::after_scheme(self.source, at) else { return false };
        match url::user_info(self.source, start) {
            Some(end) if end > start => self.replace(start, end),
            _ => self.at = start,
        }
        self.line.has_text = true;
        true
    }

    /// Replaces the password of `user:password@host`, whose colon is at `at`.
    fn account(&mut self, at: usize) -> bool {
        let is_first = !std::mem::replace(&mut self.has_colon, true);
        let end =
            if is_first && self.source.byte_before(at).is_some_and(is_word) { url::account(self.source, at + 1) } else { None };
        if let Some(end) = end {
            self.replace(at + 1, end);
        }
        end.is_some()
    }

    fn replace(&mut self, start: usize, end: usize) {
        self.masked.reserve(self.source.len() - self.copied);
        self.masked.push_str(self.source.slice(self.copied..start));
        self.masked.push_str(MASK);
        (self.copied, self.at) = (end, end);
        self.has_colon = false;
        if let Some(line_break) = self.source.bytes(start..end).iter().rposition(|byte| is_line_break(*byte)) {
            self.line = Line { start: start + line_break + 1, has_text: true, indent: Some(0), ..Line::default() };
        }
    }
}

/// Whether a quoted text after the word, without a separator, is its value: `PASSWORD 'x'` of SQL.
fn is_password(word: &str) -> bool {
    ["password", "passwd", "passphrase", "pwd"].iter().any(|password| word.eq_ignore_ascii_case(password))
}

/// Whether the word is before an assignment in a shell or a Dockerfile.
fn is_shell_command(word: &[u8]) -> bool {
    matches!(word, b"export" | b"set" | b"ENV" | b"env")
}
