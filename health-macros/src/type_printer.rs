//! Prints a type for messages, spaced as rustfmt does. `stringify!` does not suffice: it puts spaces between tokens that a macro
//! emits, as in `& sqlx :: SqlitePool`.

use proc_macro2::{Delimiter, Group, Punct, Spacing, TokenStream, TokenTree};
use syn::TypeTuple;

use crate::tokens::flatten_none_groups;

pub(crate) fn print_type(tokens: TokenStream) -> String {
    let mut printer = Printer::default();
    let tokens = flatten_none_groups(tokens);
    let mut rest = tokens.as_slice();
    while let [token, after @ ..] = rest {
        rest = after;
        match (token, after) {
            (TokenTree::Punct(first), [TokenTree::Punct(second), after @ ..]) if is_compound(first, second) => {
                printer.push(&format!("{first}{second}"), if first.as_char() == ':' { Part::Tight } else { Part::Operator });
                rest = after;
            }
            (TokenTree::Punct(quote), [TokenTree::Ident(name), after @ ..]) if quote.as_char() == '\'' => {
                printer.push(&format!("'{name}"), Part::Keyword);
                rest = after;
            }
            (TokenTree::Punct(comma), after) if comma.as_char() == ',' && is_end(after) => {}
            (TokenTree::Punct(punct), _) => printer.push_punct(punct.as_char()),
            (TokenTree::Ident(ident), _) => printer.push_ident(&ident.to_string()),
            (TokenTree::Literal(literal), _) => printer.push(&literal.to_string(), Part::Name),
            (TokenTree::Group(group), _) => printer.push_group(group),
        }
    }
    printer.text
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A keyword or a lifetime, with a space after it.
    Keyword,
    /// A name or a literal.
    Name,
    /// `(…)`, `[…]` or `{ … }`.
    Group,
    /// `>`.
    Close,
    /// `<`, `::`, `?`: no space on either side.
    Tight,
    /// `,`, `:`, `;`: a space only after it.
    Separator,
    /// `&`, `*`, `!`: no space after it.
    Prefix,
    /// `+`, `=`, `->`: a space on either side.
    Operator,
}

#[derive(Default)]
struct Printer {
    text: String,
    last: Option<Part>,
}

impl Printer {
    fn push(&mut self, text: &str, part: Part) {
        if self.last.is_some_and(|last| is_spaced(last, part)) {
            self.text.push(' ');
        }
        self.text.push_str(text);
        self.last = Some(part);
    }

    fn push_punct(&mut self, punct: char) {
        let is_prefix = !matches!(self.last, Some(Part::Name | Part::Group));
        let part = match punct {
            ',' | ':' | ';' => Part::Separator,
            '>' => Part::Close,
            '&' | '*' | '-' | '!' if is_prefix => Part::Prefix,
            '&' | '*' | '-' | '+' | '=' | '/' | '%' | '|' | '^' => Part::Operator,
            _ => Part::Tight,
        };
        self.push(punct.encode_utf8(&mut [0; 4]), part);
    }

    fn push_ident(&mut self, ident: &str) {
        // The other keywords in types, `fn` and `for`, are followed by `(` and `<` without a space.
        let is_keyword = matches!(ident, "dyn" | "impl" | "mut" | "const" | "as" | "in" | "unsafe" | "extern");
        self.push(ident, if is_keyword { Part::Keyword } else { Part::Name });
    }

    fn push_group(&mut self, group: &Group) {
        let inside = print_type(group.stream());
        let text = match group.delimiter() {
            Delimiter::Parenthesis if self.last != Some(Part::Name) && is_tuple_of_one(group) => format!("({inside},)"),
            Delimiter::Parenthesis => format!("({inside})"),
            Delimiter::Bracket => format!("[{inside}]"),
            Delimiter::Brace => format!("{{ {inside} }}"),
            Delimiter::None => inside,
        };
        self.push(&text, Part::Group);
    }
}

fn is_spaced(last: Part, next: Part) -> bool {
    let after_last = match last {
        Part::Separator | Part::Operator | Part::Keyword => !matches!(next, Part::Separator | Part::Close),
        Part::Tight | Part::Prefix => false,
        Part::Name | Part::Close | Part::Group => matches!(next, Part::Keyword | Part::Name | Part::Prefix),
    };
    after_last || next == Part::Operator
}

fn is_compound(first: &Punct, second: &Punct) -> bool {
    first.spacing() == Spacing::Joint && matches!((first.as_char(), second.as_char()), (':', ':') | ('-', '>'))
}

/// Returns whether a list ends before `after`, so that its last comma is dropped.
fn is_end(after: &[TokenTree]) -> bool {
    matches!(after, []) || matches!(after, [TokenTree::Punct(close), ..] if close.as_char() == '>')
}

/// Returns whether the group is `(T,)`, whose comma is part of the type.
fn is_tuple_of_one(group: &Group) -> bool {
    let tuple = syn::parse2::<TypeTuple>(TokenTree::from(group.clone()).into());
    tuple.is_ok_and(|tuple| tuple.elems.len() == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPES: [&str; 42] = [
        "&Pool",
        "&sqlx::SqlitePool",
        "Option<&sqlx::SqlitePool>",
        "::std::option::Option<&'_ ::a::B>",
        "web::Data<Pool>",
        "&'a Pool",
        "&'a mut Pool",
        "&mut Pool",
        "&str",
        "&[u8]",
        "&[u8; 4]",
        "&'static [u8; N - 1]",
        "&[u8; { N + 1 }]",
        "&[u8; 2 * N]",
        "&[[u8; 2]; 3]",
        "&dyn Repo",
        "&dyn ::a::Repo",
        "&<u8 as ::a::T>::Y",
        "&(dyn Repo + Send)",
        "&(dyn Repo + Send + 'static)",
        "&'a (dyn Repo + Send)",
        "&dyn Fn(u8) -> u8",
        "&(dyn Fn(u8, &str) -> Result<u8, Error> + Sync)",
        "&dyn for<'x> Fn(&'x u8) -> &'x u8",
        "fn(u8) -> u8",
        "&for<'x> fn(&'x u8)",
        "unsafe extern \"C\" fn(u8)",
        "Box<dyn Error + Send + Sync>",
        "Result<(), Box<dyn Error + Send + Sync>>",
        "&HashMap<String, Vec<(u8, &'static str)>>",
        "&<Vec<T> as IntoIterator>::Item",
        "<T>::X",
        "&dyn Iterator<Item = u8>",
        "impl IntoOutcome + use<'a>",
        "*const u8",
        "*mut [u8]",
        "()",
        "(u8,)",
        "(HashMap<u8, u8>,)",
        "(u8, u16)",
        "!",
        "&r#type::r#Foo<-1, 'x', true>",
    ];

    #[test]
    fn types_are_spaced_as_rustfmt_would() {
        for text in TYPES {
            let tokens: TokenStream = text.parse().unwrap();
            assert_eq!(print_type(tokens), text);
        }
    }

    #[test]
    fn odd_spaces_and_trailing_commas_are_normalized() {
        for (odd, expected) in [
            ("& Pool", "&Pool"),
            ("Option < & sqlx :: SqlitePool >", "Option<&sqlx::SqlitePool>"),
            ("&HashMap<u8,u8,>", "&HashMap<u8, u8>"),
            ("&(u8,u8,)", "&(u8, u8)"),
            ("&(u8 , )", "&(u8,)"),
            ("&dyn Fn(u8,)->u8", "&dyn Fn(u8) -> u8"),
            ("&[ u8;4 ]", "&[u8; 4]"),
            ("&my_type ! (u8)", "&my_type!(u8)"),
        ] {
            assert_eq!(print_type(odd.parse().unwrap()), expected, "{odd}");
        }
    }

    #[test]
    fn prettyplease_prints_the_same() {
        for text in TYPES {
            let file = syn::parse_str(&format!("type X = {text};")).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(prettyplease::unparse(&file), format!("type X = {text};\n"));
        }
    }
}
