//! Replaces what looks like a credential in a text.

use std::sync::LazyLock;

use regex_lite::Regex;

/// From the scheme to the last `@` of the word: a password may hold any character, and to hide too much is the safe side.
const URL_CREDENTIALS: &str = r#"([A-Za-z][A-Za-z0-9+.-]*://)[^\s"'<>]*@"#;

/// `password=…`, `"api_key": "…"`, `Authorization: Bearer …` and their like. What stands before the word belongs to the
/// key, as in `PGPASSWORD`, and stays as it is.
const SECRET_PAIR: &str = r#"(?i)((?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|authorization)[a-z0-9_.-]*\\?["']?\s*(?:=>|[=:])\s*)(\\?"[^"]*"|\\?'[^']*'|(?:(?:bearer|basic|digest)\s+)?[^\s,;&"'<>)}\]]+)"#;

/// A part of every key in `SECRET_PAIR`.
const KEYS: [&str; 7] = ["passw", "passphrase", "pwd", "secret", "token", "key", "credential"];

static URL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(URL_CREDENTIALS).ok());
static PAIR: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(SECRET_PAIR).ok());

/// The text with credentials in URLs and the values of `password=`-like pairs replaced by `***`.
///
/// Most texts hold neither, and to see that costs a small part of a search.
pub(crate) fn mask(text: &str) -> String {
    let mut masked = text.to_owned();
    if text.contains("://") && text.contains('@') {
        masked = replace(&URL, &masked, "${1}***@");
    }
    let lower = text.to_ascii_lowercase();
    if lower.contains("authorization") || KEYS.iter().any(|key| lower.contains(key)) {
        masked = replace(&PAIR, &masked, "${1}***");
    }
    masked
}

fn replace(pattern: &LazyLock<Option<Regex>>, text: &str, replacement: &str) -> String {
    match pattern.as_ref() {
        Some(pattern) => pattern.replace_all(text, replacement).into_owned(),
        // A test sees to it that both compile. A text that cannot be searched is not shown.
        None => "***".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{PAIR, URL, mask};

    #[test]
    fn every_pattern_compiles() {
        assert!(URL.is_some() && PAIR.is_some());
    }

    #[test]
    fn credentials_are_replaced_and_the_rest_stays() {
        let table = [
            ("postgres://app:hunter2@db1/orders refused", "postgres://***@db1/orders refused"),
            ("postgres://app:p@ss/w?rd@db1", "postgres://***@db1"),
            ("redis://:s3cret@cache:6379/0", "redis://***@cache:6379/0"),
            ("password=hunter2 host=db1", "password=*** host=db1"),
            ("Password = 'a b c' host=db1", "Password = *** host=db1"),
            ("PGPASSWORD=hunter2;x=1", "PGPASSWORD=***;x=1"),
            (r#"{"api_key":"k","b":1}"#, r#"{"api_key":***,"b":1}"#),
            ("Authorization: Bearer abc.def", "Authorization: ***"),
            ("aws_secret_access_key => x1/y2", "aws_secret_access_key => ***"),
            ("x-api-key: 12", "x-api-key: ***"),
            (r#"{\"token\": \"t o k\", x}"#, r#"{\"token\": ***, x}"#),
            ("the password is wrong", "the password is wrong"),
            ("https://example.com/path is down", "https://example.com/path is down"),
            ("connection refused", "connection refused"),
        ];
        for (text, masked) in table {
            assert_eq!(mask(text), masked);
        }
    }
}
