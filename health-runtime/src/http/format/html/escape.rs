//! Untrusted text on the page: it cannot become markup and does not change the direction of the text around it.

use std::fmt::{self, Display, Formatter};

/// A text in an element, isolated from the direction of the text around it.
pub(super) struct Escaped<'t>(pub(super) &'t str);

/// A text in a quoted attribute.
pub(super) struct EscapedAttr<'t>(pub(super) &'t str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("<bdi>")?;
        EscapedAttr(self.0).fmt(f)?;
        f.write_str("</bdi>")
    }
}

/// Escapes markup. Control characters, which HTML cannot represent, become Rust escapes; line feeds stay, as line breaks.
impl Display for EscapedAttr<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut start = 0;
        for (end, c) in self.0.char_indices() {
            if is_escaped(c) {
                f.write_str(&self.0[start..end])?;
                write_escape(f, c)?;
                start = end + c.len_utf8();
            }
        }
        f.write_str(&self.0[start..])
    }
}

fn is_escaped(c: char) -> bool {
    matches!(c, '&' | '<' | '>' | '"' | '\'' | '\u{2028}' | '\u{2029}') || (c.is_control() && c != '\n')
}

fn write_escape(f: &mut Formatter<'_>, c: char) -> fmt::Result {
    match c {
        '&' => f.write_str("&amp;"),
        '<' => f.write_str("&lt;"),
        '>' => f.write_str("&gt;"),
        '"' => f.write_str("&quot;"),
        '\'' => f.write_str("&#39;"),
        c => write!(f, "{}", c.escape_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_control_characters_are_escaped() {
        let odd = "\"<b>&amp;'\nok\r\u{1b}[31m\u{0}\u{85}\u{2028}🦀 \u{202e}txet";
        let expected = "&quot;&lt;b&gt;&amp;amp;&#39;\nok\\r\\u{1b}[31m\\u{0}\\u{85}\\u{2028}🦀 \u{202e}txet";
        assert_eq!(EscapedAttr(odd).to_string(), expected);
        assert_eq!(Escaped(odd).to_string(), format!("<bdi>{expected}</bdi>"));
    }

    proptest::proptest! {
        #[test]
        fn escaped_text_contains_no_markup(text in proptest::collection::vec(proptest::char::any(), 0..60)) {
            let text: String = text.into_iter().collect();
            let escaped = EscapedAttr(&text).to_string();
            proptest::prop_assert!(!escaped.contains(['<', '>', '"', '\'']), "{}", escaped);
            proptest::prop_assert!(!escaped.contains(|c: char| c.is_control() && c != '\n'), "{}", escaped);
            let named = ["amp;", "lt;", "gt;", "quot;", "#39;"];
            proptest::prop_assert!(escaped.split('&').skip(1).all(|rest| named.iter().any(|name| rest.starts_with(name))));
            let plain: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
            if plain == text {
                proptest::prop_assert_eq!(escaped, text);
            }
        }
    }
}
