//! How far a secret value reaches, in bytes from its beginning.

/// To the end of the line, or of the quotes around it.
pub(super) fn line(text: &str) -> usize {
    if let Some(length) = quoted(text) {
        return length;
    }
    text.find(['\n', '\r', '"', '\'']).map_or(text.len(), |end| end - usize::from(text[..end].ends_with('\\')))
}

/// One value: `"in quotes"`, `Some("wrapped")`, `{"in": "brackets"}`, or a word.
pub(super) fn value(text: &str) -> usize {
    let mut length = 0;
    while let Some(rest) = text.get(length..).filter(|rest| !rest.is_empty()) {
        let step = quoted(rest).filter(|_| length == 0).or_else(|| bracketed(rest)).or_else(|| one(rest));
        match step {
            Some(step) => length += step,
            None => break,
        }
    }
    length
}

/// From an opening quote, plain or behind a backslash, to the one that closes it; to the end where there is none.
fn quoted(text: &str) -> Option<usize> {
    let is_escaped = text.starts_with('\\');
    let opening = usize::from(is_escaped);
    let quote = text.get(opening..)?.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let mut backslashes = 0;
    for (at, c) in text.char_indices().skip(opening + 1) {
        // What is quoted within quotes is escaped twice: `\"` closes it, and `\\\"` is a quote in the value.
        let closes = if is_escaped { backslashes % 4 == 1 } else { backslashes % 2 == 0 };
        if c == quote && closes {
            return Some(at + 1);
        }
        backslashes = if c == '\\' { backslashes + 1 } else { 0 };
    }
    Some(text.len())
}

/// From an opening bracket, with the name of a type before it or not, to the one that closes it; to the end where there
/// is none.
fn bracketed(text: &str) -> Option<usize> {
    let name = text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').unwrap_or(text.len());
    let of_struct = text.get(name..)?.strip_prefix(' ').is_some_and(|rest| name > 0 && rest.starts_with('{'));
    let opening = name + usize::from(of_struct);
    if !text.get(opening..)?.starts_with(['(', '[', '{']) {
        return None;
    }
    let (mut depth, mut at) = (0_usize, opening);
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            '"' => {
                at += quoted(text.get(at..)?)?;
                continue;
            }
            _ => {}
        }
        at += c.len_utf8();
        if depth == 0 {
            return Some(at);
        }
    }
    Some(text.len())
}

/// One more character of a word, unless it ends here. A sign that may end a word is part of it where the word goes on: a
/// password may hold any.
fn one(text: &str) -> Option<usize> {
    let mut chars = text.chars();
    let c = chars.next()?;
    let rest = chars.as_str();
    let ends = match c {
        c if c.is_whitespace() => true,
        '\\' => rest.starts_with(['"', '\'']),
        ',' | ';' | '&' => !rest.starts_with(char::is_alphanumeric) || is_pair(rest),
        ')' | ']' | '}' | '>' | '<' | '"' | '\'' => !rest.starts_with(char::is_alphanumeric),
        _ => false,
    };
    (!ends).then(|| c.len_utf8())
}

/// Whether a key and its separator come next.
fn is_pair(text: &str) -> bool {
    let key = text.trim_start_matches(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    key.trim_start_matches(['"', '\'', ' ']).starts_with(['=', ':'])
}
