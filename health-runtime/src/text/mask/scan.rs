//! How far a secret value reaches, in bytes from its beginning. Each byte of a text is looked at a few times at most.

/// One value: `"in quotes"`, `Some("wrapped")`, `{"in": "brackets"}`, or a word.
pub(super) fn value(text: &str) -> usize {
    let mut length = quoted(text).or_else(|| bracketed(text)).unwrap_or_else(|| text.chars().next().map_or(0, first));
    while let Some(step) = text.get(length..).and_then(one) {
        length += step;
    }
    length
}

/// The value of a header: in quotes, in brackets, or all to the end of the line, or of the quotes around the whole header.
pub(super) fn line(text: &str, around: Option<char>) -> usize {
    let whole = || text.find(|c| matches!(c, '\n' | '\r') || Some(c) == around).unwrap_or(text.len());
    quoted(text).or_else(|| bracketed(text)).unwrap_or_else(whole)
}

/// A value begins with any sign, but for white space.
fn first(c: char) -> usize {
    if c.is_whitespace() { 0 } else { c.len_utf8() }
}

/// From an opening quote, plain or behind a backslash, to the one that closes it; to the end where there is none. A `b` or an
/// `&` may stand before it.
fn quoted(text: &str) -> Option<usize> {
    let before = text.len() - text.trim_start_matches(['&', '*', 'b', 'r', '#']).len();
    let is_escaped = text.get(before..)?.starts_with('\\');
    let opening = before + usize::from(is_escaped);
    let quote = text.get(opening..)?.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let mut backslashes = 0;
    for (at, c) in text.char_indices().skip_while(|(at, _)| *at <= opening) {
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

/// The signs that end a word where nothing more of it comes.
const ENDS: [char; 12] = [',', ';', '&', ')', ']', '}', '>', '<', '"', '\'', '.', ':'];

/// The bytes of the next piece of a word, unless it ends here. A password may hold any sign: one belongs to it where something
/// else than the next pair, or the end, comes after it.
fn one(text: &str) -> Option<usize> {
    let c = text.chars().next()?;
    if c.is_whitespace() || c == '\\' && text.get(1..)?.starts_with(['"', '\'']) {
        return None;
    }
    if !ENDS.contains(&c) {
        return Some(c.len_utf8());
    }
    let rest = text.trim_start_matches(ENDS);
    let goes_on = rest.chars().next().is_some_and(|c| !c.is_whitespace()) && !is_pair(rest);
    goes_on.then(|| text.len() - rest.len())
}

/// Whether a key and its separator come next.
fn is_pair(text: &str) -> bool {
    let text = text.trim_start_matches(['\\', '"', '\'']);
    let key = text.trim_start_matches(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-'));
    key.len() < text.len() && key.trim_start_matches(['"', '\'', '\\', ' ']).starts_with(['=', ':'])
}
