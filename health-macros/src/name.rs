//! The grammar of names: `[A-Za-z0-9][A-Za-z0-9_.-]*`, at most 63 bytes. It applies to checks and tags, because both are part of
//! URLs.

const MAX_BYTES: usize = 63;

/// Checks that `text` is a name. The error is the violated rule, to follow "must" in a message.
pub(crate) fn validate(text: &str) -> Result<(), String> {
    if let Some(invalid) = text.chars().find(|&c| !is_allowed(c)) {
        return Err(format!("consist of ASCII letters, digits, `_`, `.` and `-`, without {}", display_char(invalid)));
    }
    match text.chars().next() {
        None => Err("not be empty".to_owned()),
        Some(first) if !first.is_ascii_alphanumeric() => Err(format!("start with an ASCII letter or digit, not with `{first}`")),
        Some(_) if text.len() > MAX_BYTES => Err(format!("be at most {MAX_BYTES} bytes long, not {}", text.len())),
        Some(_) => Ok(()),
    }
}

/// Returns a valid name that is similar to `text`, or `fallback`.
pub(crate) fn suggest_valid(text: &str, fallback: &str) -> String {
    let parts = text.split(|c| !is_allowed(c)).filter(|part| !part.is_empty());
    let joined = parts.collect::<Vec<_>>().join("-");
    let start = joined.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let suggestion: String = start.chars().take(MAX_BYTES).collect();
    if suggestion.is_empty() { fallback.to_owned() } else { suggestion }
}

fn is_allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
}

fn display_char(c: char) -> String {
    match c {
        ' ' => "spaces".to_owned(),
        '`' => "backticks".to_owned(),
        c => format!("`{}`", c.escape_debug()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_names() {
        for name in ["a", "0", "orders-db", "Orders.DB_2", &"x".repeat(63)] {
            assert_eq!(validate(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn invalid_names_and_their_suggestions() {
        let alphabet = "consist of ASCII letters, digits, `_`, `.` and `-`, without";
        for (text, expected, suggestion) in [
            ("", "not be empty".to_owned(), "db"),
            ("_foo", "start with an ASCII letter or digit, not with `_`".to_owned(), "foo"),
            (".-", "start with an ASCII letter or digit, not with `.`".to_owned(), "db"),
            ("orders db", format!("{alphabet} spaces"), "orders-db"),
            ("a/b", format!("{alphabet} `/`"), "a-b"),
            ("größe", format!("{alphabet} `ö`"), "gr-e"),
            ("数据", format!("{alphabet} `数`"), "db"),
            ("a\n", format!("{alphabet} `\\n`"), "a"),
            ("a`", format!("{alphabet} backticks"), "a"),
            (&"x".repeat(64), "be at most 63 bytes long, not 64".to_owned(), &"x".repeat(63)),
        ] {
            assert_eq!(validate(text), Err(expected), "{text}");
            assert_eq!(suggest_valid(text, "db"), suggestion, "{text}");
            assert_eq!(validate(suggestion), Ok(()), "{text}");
        }
    }
}
