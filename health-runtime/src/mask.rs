//! Replaces what looks like a credential in a text.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex_lite::Regex;

/// From the scheme to the last `@` of the word: a password may hold any character, and to hide too much is the safe side.
const URL_CREDENTIALS: &str = r#"([A-Za-z][A-Za-z0-9+.-]*://)[^\s"'<>]*@"#;

/// `password=…`, `"api_key": "…"`, `Authorization: Bearer …` and their like.
const SECRET_PAIR: &str = r#"(?i)([a-z0-9_.-]*(?:passw(?:or)?d|passphrase|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|authorization)[a-z0-9_.-]*\\?["']?\s*(?:=>|[=:])\s*)(\\?"[^"]*"|\\?'[^']*'|(?:(?:bearer|basic|digest)\s+)?[^\s,;&"'<>)}\]]+)"#;

static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [(URL_CREDENTIALS, "${1}***@"), (SECRET_PAIR, "${1}***")]
        .into_iter()
        .filter_map(|(pattern, replacement)| Some((Regex::new(pattern).ok()?, replacement)))
        .collect()
});

/// The text with credentials in URLs and the values of `password=`-like pairs replaced by `***`.
pub(crate) fn mask(text: &str) -> String {
    let masked = PATTERNS.iter().fold(Cow::Borrowed(text), |text, (pattern, replacement)| {
        Cow::Owned(pattern.replace_all(&text, *replacement).into_owned())
    });
    masked.into_owned()
}

#[cfg(test)]
mod tests {
    use super::{PATTERNS, mask};

    #[test]
    fn every_pattern_compiles() {
        assert_eq!(PATTERNS.len(), 2);
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
            ("https://example.com/path is down", "https://example.com/path is down"),
            ("connection refused", "connection refused"),
        ];
        for (text, masked) in table {
            assert_eq!(mask(text), masked);
        }
    }
}
