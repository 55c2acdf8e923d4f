//! Replaces what looks like a credential in a text. To hide too much is the safe side.

mod scan;

use std::sync::LazyLock;

use regex_lite::Regex;

/// From the scheme to the last `@` of the word: a password may hold any character, whether a URL may or not.
const URL_CREDENTIALS: &str = r#"([A-Za-z][A-Za-z0-9+.-]*://)[^\s"]*@"#;

/// `password=`, `"api_key": `, `--token ` and their like. What stands before the word belongs to the key, as in
/// `PGPASSWORD` and `dbPass`, and stays as it is.
const KEY: &str = r#"(?xi)
    (?: (?: passw(?:or)?d | pass[_-]?phrase | pwd | secret | token | credentials? | signature
          | (?:api|access|account|auth|client|encryption|master|private|session|shared|signing|ssh) [_-]? key
        ) [a-z0-9_.-]*
      | (?: (?: \b | _ ) pass | (?-i: [a-z0-9] Pass ) ) (?:code)?
    ) \\?["']? \s* (?: => | [=:] | %3d ) \s*
  | (?: \b | _ ) (?: sig | auth ) (?: = | %3d )
  | -- [a-z0-9-]* (?: password | passphrase | secret | token | key ) \s+
"#;

/// A header, of which the whole line is secret.
const HEADER: &str = r#"(?i)(?:[a-z-]*authorization|(?:set-)?cookie)\\?["']?\s*(?:=>|[=:])[ \t]*"#;

/// A credential that stands alone. A word of the language holds nothing but letters.
const BEARER: &str = r"(?i)(\bbearer[ \t]+)(?:[a-z]*[0-9._~+/=-][^\s,;]*|[a-z]{20,})";

/// A part of everything that the patterns above find, but for URLs.
const PARTS: [&str; 9] = ["pass", "pwd", "secret", "token", "key", "credential", "sig", "auth", "cookie"];

static URL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(URL_CREDENTIALS).ok());
static PAIR: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(KEY).ok());
static LINE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(HEADER).ok());
static ALONE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(BEARER).ok());

/// The text with credentials in URLs and the values of `password=`-like pairs replaced by `***`.
///
/// Most texts hold neither, and to see that costs a small part of a search.
pub(crate) fn mask(text: &str) -> String {
    let mut masked = text.to_owned();
    if text.contains("://") && text.contains('@') {
        masked = replace(&URL, &masked, "${1}***@");
    }
    let lower = text.to_ascii_lowercase();
    if PARTS.iter().any(|part| lower.contains(part)) {
        masked = without_values(&LINE, &masked, |before, key, after| scan::line(after, around(before, key)));
        masked = without_values(&PAIR, &masked, |_, _, after| scan::value(after));
    }
    if lower.contains("bearer") {
        masked = replace(&ALONE, &masked, "${1}***");
    }
    masked
}

/// A test sees to it that every pattern compiles. A text that cannot be searched is not shown.
const NOT_SHOWN: &str = "***";

fn replace(pattern: &LazyLock<Option<Regex>>, text: &str, replacement: &str) -> String {
    let replaced = pattern.as_ref().map(|pattern| pattern.replace_all(text, replacement).into_owned());
    replaced.unwrap_or_else(|| NOT_SHOWN.to_owned())
}

/// With `***` in place of what follows each key, which is as long as `length` says of what stands before the key, of the key
/// and of what follows it.
fn without_values(key: &LazyLock<Option<Regex>>, text: &str, length: fn(&str, &str, &str) -> usize) -> String {
    let Some(key) = key.as_ref() else { return NOT_SHOWN.to_owned() };
    let (mut masked, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(found) = key.find(rest) {
        let (before, after) = rest.split_at(found.end());
        let length = length(before.get(..found.start()).unwrap_or_default(), found.as_str(), after);
        masked.push_str(before);
        if length > 0 {
            masked.push_str("***");
        }
        rest = after.get(length..).unwrap_or_default();
    }
    masked + rest
}

/// The quote that stands around a header as a whole, and not around its name alone.
fn around(before: &str, key: &str) -> Option<char> {
    let quote = before.chars().next_back().filter(|c| matches!(c, '"' | '\''));
    quote.filter(|quote| !key.contains(*quote))
}

#[cfg(test)]
mod tests;
