//! Templates: files of markup in which names in braces are holes, such as `{title}`.

use std::fmt::{self, Display, Formatter, Write};

/// Writes a template without its line breaks and indentation: `write_template!(f, "page.html", title = …)`. Untrusted text in a
/// hole must be [`Escaped`](super::escape::Escaped).
macro_rules! write_template {
    ($f:expr, $file:literal $(, $name:ident = $value:expr)* $(,)?) => {{
        static TEMPLATE: std::sync::LazyLock<$crate::http::format::html::template::Template> = std::sync::LazyLock::new(|| {
            // Puts the name of each hole back, so that the compiler checks the names.
            let text = format!(include_str!($file) $(, $name = concat!("{", stringify!($name), "}"))*);
            $crate::http::format::html::template::Template::parse(&text, &[$(stringify!($name)),*])
        });
        TEMPLATE.write($f, &[$(&$value),*])
    }};
}
pub(super) use write_template;

/// A template as it is written. It is parsed once per process.
pub(super) struct Template(Vec<Piece>);

enum Piece {
    Text(String),
    /// The index of a value.
    Hole(usize),
}

impl Template {
    pub(super) fn parse(text: &str, names: &[&str]) -> Self {
        let text: String = text.lines().map(str::trim_start).collect();
        let pieces = text.split('{').flat_map(|piece| {
            let (name, text) = piece.split_once('}').unwrap_or(("", piece));
            let hole = names.iter().position(|known| *known == name).map(Piece::Hole);
            let text = (!text.is_empty()).then(|| Piece::Text(text.to_owned()));
            hole.into_iter().chain(text)
        });
        Self(pieces.collect())
    }

    pub(super) fn write(&self, f: &mut Formatter<'_>, values: &[&dyn Display]) -> fmt::Result {
        self.0.iter().try_for_each(|piece| match piece {
            Piece::Text(text) => f.write_str(text),
            Piece::Hole(index) => values.get(*index).map_or(Ok(()), |value| value.fmt(f)),
        })
    }
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

/// Displays items with commas between them.
pub(super) fn comma_separated(items: impl Iterator<Item: Display> + Clone) -> impl Display {
    from_fn(move |f| {
        let mut separator = "";
        for item in items.clone() {
            f.write_str(separator)?;
            item.fmt(f)?;
            separator = ", ";
        }
        Ok(())
    })
}

/// Displays a word with a capital first letter.
pub(super) fn capitalized(word: &str) -> impl Display {
    from_fn(move |f| {
        let mut rest = word.chars();
        rest.next().map_or(Ok(()), |first| f.write_char(first.to_ascii_uppercase()))?;
        f.write_str(rest.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_lose_their_indentation_and_values_keep_their_lines() {
        let template = Template::parse("<p>\n  a b{text}\n\n    {twice} {twice}\n</p>\n", &["twice", "text"]);
        let page = from_fn(|f| template.write(f, &[&1, &"\n  1\n"])).to_string();
        assert_eq!(page, "<p>a b\n  1\n1 1</p>");
    }
}
