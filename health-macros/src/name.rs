//! The grammar of names: `[A-Za-z0-9][A-Za-z0-9_.-]*`, at most 63 bytes. Checks and tags obey it, because both stand in URLs.

const LONGEST: usize = 63;

/// What a text would have to be in order to be a name, as the part of a sentence that follows "must"; `None` when it is one.
pub(crate) fn mistake(text: &str) -> Option<String> {
    let first = text.chars().next();
    if first.is_none() {
        Some("not be empty".to_owned())
    } else if let Some(stray) = text.chars().find(|&c| !is_inside(c)) {
        Some(format!("consist of ASCII letters, digits, `_`, `.` and `-`, without {}", shown(stray)))
    } else if let Some(first) = first.filter(|c| !c.is_ascii_alphanumeric()) {
        Some(format!("start with an ASCII letter or digit, not with `{first}`"))
    } else if text.len() > LONGEST {
        Some(format!("be at most {LONGEST} bytes long, not {}", text.len()))
    } else {
        None
    }
}

/// A name that comes near to `text`, for the remedy of a message.
pub(crate) fn near(text: &str, otherwise: &str) -> String {
    let words = text.split(|c| !is_inside(c)).filter(|word| !word.is_empty());
    let joined = words.collect::<Vec<_>>().join("-");
    let start = joined.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let near: String = start.chars().take(LONGEST).collect();
    if near.is_empty() { otherwise.to_owned() } else { near }
}

fn is_inside(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
}

fn shown(c: char) -> String {
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
    fn names() {
        for name in ["a", "0", "orders-db", "Orders.DB_2", &"x".repeat(63)] {
            assert_eq!(mistake(name), None, "{name}");
        }
    }

    #[test]
    fn mistakes_and_names_near_to_them() {
        let alphabet = "consist of ASCII letters, digits, `_`, `.` and `-`, without";
        for (text, expected, near_to_it) in [
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
            assert_eq!(mistake(text), Some(expected), "{text}");
            assert_eq!(near(text, "db"), near_to_it, "{text}");
            assert_eq!(mistake(&near(text, "db")), None, "{text}");
        }
    }
}
