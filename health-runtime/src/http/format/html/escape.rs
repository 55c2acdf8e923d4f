//! Text of others on our page: it stays text, and keeps its direction to itself.

use std::fmt::{self, Display, Formatter, Write};

/// Inside an element: whatever direction it is written in, or turns to, ends with it.
pub(super) struct Text<'t>(pub(super) &'t str);

/// Inside a quoted attribute.
pub(super) struct Quoted<'t>(pub(super) &'t str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("<bdi>")?;
        escape(self.0, f)?;
        f.write_str("</bdi>")
    }
}

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        escape(self.0, f)
    }
}

/// Control characters, which HTML knows no way to write, are shown as in Rust's own strings. Line feeds stay: the page
/// breaks the line there.
fn escape(text: &str, f: &mut Formatter<'_>) -> fmt::Result {
    text.chars().try_for_each(|c| match c {
        '&' => f.write_str("&amp;"),
        '<' => f.write_str("&lt;"),
        '>' => f.write_str("&gt;"),
        '"' => f.write_str("&quot;"),
        '\'' => f.write_str("&#39;"),
        '\n' => f.write_char(c),
        '\u{2028}' | '\u{2029}' => write!(f, "{}", c.escape_default()),
        c if c.is_control() => write!(f, "{}", c.escape_default()),
        c => f.write_char(c),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_html_reads_is_escaped_and_the_rest_stays() {
        let odd = "\"<b>&amp;'\nok\r\u{1b}[31m\u{0}\u{85}\u{2028}🦀 \u{202e}txet";
        let expected = "&quot;&lt;b&gt;&amp;amp;&#39;\nok\\r\\u{1b}[31m\\u{0}\\u{85}\\u{2028}🦀 \u{202e}txet";
        assert_eq!(Quoted(odd).to_string(), expected);
        assert_eq!(Text(odd).to_string(), format!("<bdi>{expected}</bdi>"));
    }

    proptest::proptest! {
        #[test]
        fn nothing_in_a_text_is_markup(text in proptest::collection::vec(proptest::char::any(), 0..60)) {
            let text: String = text.into_iter().collect();
            let escaped = Quoted(&text).to_string();
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
