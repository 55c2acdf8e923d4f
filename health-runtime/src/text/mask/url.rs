//! Credentials before the host of a URL.

use super::delimited::ends_text;
use super::keys;
use super::source::{Source, is_line_break, is_whitespace, is_word};

/// Returns the start of what follows `://`, also `:\/\/` and `%3A%2F%2F`, if that is at `at`.
pub(super) fn after_scheme(source: Source<'_>, at: usize) -> Option<usize> {
    let (b':', len) = source.decoded(at)? else { return None };
    let slash = |at| {
        let at = source.skip(at, |byte| byte == b'\\');
        source.decoded(at).filter(|(byte, _)| *byte == b'/').map(|(_, len)| at + len)
    };
    slash(slash(at + len)?)
}

/// Returns the `@` after the user information that begins at `start`, if there is one.
///
/// Passwords often have signs that a URL does not allow: slashes, quotes, `@` and white space. So the last `@` of the word
/// counts; after `user:` that is not a host and a port, the last `@` of the line before the next URL.
pub(super) fn user_info(source: Source<'_>, start: usize) -> Option<usize> {
    let (mut in_word, mut in_text, mut in_line) = (None, None, None);
    let (mut inside_word, mut inside_text) = (true, true);
    let has_user = has_user(source, start);
    let mut at = start;
    while let Some(byte) = source.byte(at).filter(|byte| !is_line_break(*byte)) {
        match byte {
            b'@' => {
                in_line = Some(at);
                in_text = if inside_text { in_line } else { in_text };
                in_word = if inside_word { in_line } else { in_word };
            }
            b'%' if inside_word && source.decoded(at).is_some_and(|(byte, _)| byte == b'@') => in_word = Some(at),
            b'"' | b'\'' | b'`' if source.byte(at + 1).is_none_or(ends_text) => (inside_word, inside_text) = (false, false),
            b'?' | b'&' | b';' | b'#' if (in_line.is_some() || !has_user) && is_secret(source, at + 1) => break,
            b':' if after_scheme(source, at).is_some() => break,
            _ if is_whitespace(byte) => inside_word = false,
            _ => {}
        }
        at += 1;
    }
    if has_user { in_text.or(in_word).or(in_line) } else { in_word }
}

/// Whether `key=` is at `at`, where the key names a credential.
fn is_secret(source: Source<'_>, at: usize) -> bool {
    let end = source.skip(at, is_word);
    let name = source.bytes(at..end);
    source.decoded(end).is_some_and(|(byte, _)| byte == b'=') && (name == b"code" || keys::classify(name, b"").is_some())
}

/// Whether `user:password` is at `start`, and not a host with a port.
fn has_user(source: Source<'_>, start: usize) -> bool {
    let is_end = |byte| is_whitespace(byte) || matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'[' | b':');
    let colon = source.skip(start, |byte| !is_end(byte));
    if source.byte(colon) != Some(b':') {
        return false;
    }
    let after = source.skip(colon + 1, |byte| byte.is_ascii_digit());
    let is_after_port = |byte| matches!(byte, b'/' | b'?' | b'#' | b',' | b';' | b'"' | b'\'' | b'`' | b'\\');
    let is_port = source.byte(after).is_none_or(is_after_port);
    let has_port = after > colon + 1 && is_port;
    !has_port && source.byte(colon + 1).is_some_and(|byte| !is_whitespace(byte))
}

/// Returns the end of the password that begins at `start`, after `user:` without a scheme: the last `@` of the word. If the word
/// also has a pair with a key, which of both forms it is cannot be decided, and all of it is hidden.
pub(super) fn account(source: Source<'_>, start: usize) -> Option<usize> {
    let (mut last, mut has_key) = (None, false);
    let mut at = start;
    while let Some(byte) = source.byte(at).filter(|byte| !is_whitespace(*byte) && !matches!(byte, b'"' | b'\'' | b'`')) {
        match byte {
            b'@' => last = Some(at),
            b':' if after_scheme(source, at).is_some() => break,
            b'?' | b'&' | b';' | b'#' if is_secret(source, at + 1) && last.is_some() => break,
            b'?' | b'&' | b';' | b'#' if is_secret(source, at + 1) => has_key = true,
            _ => {}
        }
        at += 1;
    }
    last.filter(|last| *last > start).map(|last| if has_key { at } else { last })
}
