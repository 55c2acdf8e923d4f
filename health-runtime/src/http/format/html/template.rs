//! Writes the templates, which are format strings: `write!(f, include_str!("page.html"), title = …)`.
//!
//! The compiler checks the names of the holes. Untrusted text in a hole must be [`Escaped`](super::escape::Escaped).

use std::fmt::{self, Display, Formatter, Write};

/// Renders a template without its line breaks and indentation.
pub(super) fn render(template: impl Display) -> String {
    let mut output = Unindented(String::new());
    // Writing to a `String` cannot fail.
    let _ = write!(output, "{template}");
    output.0
}

/// Removes each line break and the spaces after it, but not a line break that is written by `write_char`: those of untrusted text,
/// of the style and of the script.
struct Unindented(String);

impl Write for Unindented {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        // Most texts are short, and a search by `split` costs more than a look at each byte.
        while let Some((line, after)) = rest.bytes().position(|byte| byte == b'\n').and_then(|end| rest.split_at_checked(end)) {
            self.0.push_str(line);
            rest = after.trim_ascii_start();
        }
        self.0.push_str(rest);
        Ok(())
    }

    fn write_char(&mut self, c: char) -> fmt::Result {
        self.0.push(c);
        Ok(())
    }
}

/// Displays a text with its line breaks and indentation.
pub(super) fn preserve_lines(text: &str) -> impl Display {
    from_fn(move |f| {
        text.split_inclusive('\n').try_for_each(|line| match line.strip_suffix('\n') {
            Some(line) => f.write_str(line).and_then(|()| f.write_char('\n')),
            None => f.write_str(line),
        })
    })
}

/// Displays what a closure writes. `std::fmt::from_fn` needs Rust 1.93.
pub(super) fn from_fn<F: Fn(&mut Formatter<'_>) -> fmt::Result>(write: F) -> FromFn<F> {
    FromFn(write)
}

pub(super) struct FromFn<F>(F);

impl<F: Fn(&mut Formatter<'_>) -> fmt::Result> Display for FromFn<F> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        (self.0)(f)
    }
}

/// Displays what `write` makes of a value, or nothing.
pub(super) fn optional<T>(value: Option<T>, write: impl Fn(&mut Formatter<'_>, &T) -> fmt::Result) -> impl Display {
    from_fn(move |f| value.as_ref().map_or(Ok(()), |value| write(f, value)))
}

/// Displays a word with a capital first letter.
pub(super) fn capitalized(word: &str) -> impl Display {
    from_fn(move |f| {
        let (first, rest) = word.split_at_checked(1).unwrap_or_default();
        write!(f, "{}{rest}", first.to_ascii_uppercase())
    })
}

#[cfg(test)]
mod tests {
    use super::super::escape::Escaped;
    use super::*;

    #[test]
    fn templates_lose_their_indentation_and_other_text_keeps_its_lines() {
        let template =
            from_fn(|f| write!(f, "<p>\n  a b{}\n\n    {}\n</p>\n", Escaped("\n  1\n"), preserve_lines("x {\n  y\n}\n")));
        assert_eq!(render(template), "<p>a b<bdi>\n  1\n</bdi>x {\n  y\n}\n</p>");
    }
}
