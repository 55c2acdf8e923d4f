//! A type as its author wrote it, spaced as rustfmt would, for messages.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

use crate::args::without_groups;

pub(crate) fn written(tokens: TokenStream) -> String {
    let mut printer = Printer::default();
    let tokens = without_groups(tokens);
    let mut rest = tokens.as_slice();
    while let [token, after @ ..] = rest {
        rest = after;
        match token {
            TokenTree::Punct(comma) if comma.as_char() == ',' && is_closing(after.first()) => {}
            TokenTree::Punct(punct) => {
                let joint = punct.spacing() == Spacing::Joint;
                match (punct.as_char(), joint, after) {
                    (':', true, [TokenTree::Punct(second), after @ ..]) if second.as_char() == ':' => {
                        printer.put("::", Part::Tight);
                        rest = after;
                    }
                    ('-', true, [TokenTree::Punct(second), after @ ..]) if second.as_char() == '>' => {
                        printer.put("->", Part::Operator);
                        rest = after;
                    }
                    ('\'', _, [TokenTree::Ident(name), after @ ..]) => {
                        printer.put(&format!("'{name}"), Part::Word);
                        rest = after;
                    }
                    (sign, ..) => printer.sign(sign),
                }
            }
            TokenTree::Ident(word) => {
                let word = word.to_string();
                printer.put(&word, if is_keyword(&word) { Part::Word } else { Part::Name });
            }
            TokenTree::Literal(literal) => printer.put(&literal.to_string(), Part::Name),
            TokenTree::Group(group) => {
                let inside = written(group.stream());
                match group.delimiter() {
                    Delimiter::Parenthesis if printer.last != Some(Part::Name) && is_tuple_of_one(group.stream()) => {
                        printer.put(&format!("({inside},)"), Part::Group);
                    }
                    Delimiter::Parenthesis => printer.put(&format!("({inside})"), Part::Group),
                    Delimiter::Bracket => printer.put(&format!("[{inside}]"), Part::Group),
                    Delimiter::Brace => printer.put(&format!("{{ {inside} }}"), Part::Block),
                    Delimiter::None => printer.put(&inside, Part::Name),
                }
            }
        }
    }
    printer.text
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A keyword or a lifetime, which wants a space before whatever is no sign.
    Word,
    /// A name or a literal.
    Name,
    /// `(…)` or `[…]`.
    Group,
    /// `{ … }`.
    Block,
    /// `>`.
    Close,
    /// No space on either side: `<`, `::`, `?`.
    Tight,
    /// No space before, one behind: `,`, `:`, `;`.
    Separator,
    /// No space behind: `&`, `*`, `!`.
    Prefix,
    /// A space on either side: `+`, `=`, `->`.
    Operator,
}

#[derive(Default)]
struct Printer {
    text: String,
    last: Option<Part>,
}

impl Printer {
    fn put(&mut self, text: &str, part: Part) {
        if self.last.is_some_and(|last| is_spaced(last, part)) {
            self.text.push(' ');
        }
        self.text.push_str(text);
        self.last = Some(part);
    }

    fn sign(&mut self, sign: char) {
        let after_operand = matches!(self.last, Some(Part::Name | Part::Group | Part::Block));
        let part = match sign {
            ',' | ':' | ';' => Part::Separator,
            '+' | '=' | '/' | '%' | '|' | '^' => Part::Operator,
            '&' | '*' | '-' if after_operand => Part::Operator,
            '!' if after_operand => Part::Tight,
            '&' | '*' | '-' | '!' => Part::Prefix,
            '>' => Part::Close,
            _ => Part::Tight,
        };
        self.put(sign.encode_utf8(&mut [0; 4]), part);
    }
}

fn is_spaced(last: Part, next: Part) -> bool {
    let behind = match last {
        Part::Separator | Part::Operator | Part::Word => true,
        Part::Tight | Part::Prefix => false,
        Part::Name | Part::Close | Part::Group | Part::Block => {
            matches!(next, Part::Word | Part::Name | Part::Block | Part::Prefix)
        }
    };
    next == Part::Operator || behind && !matches!(next, Part::Separator | Part::Close)
}

/// Those that touch nothing behind them. `fn` and `for` are none of them: `(` and `<` touch those.
fn is_keyword(word: &str) -> bool {
    matches!(word, "dyn" | "impl" | "mut" | "const" | "as" | "in" | "unsafe" | "extern")
}

fn is_closing(token: Option<&TokenTree>) -> bool {
    match token {
        None => true,
        Some(TokenTree::Punct(sign)) => sign.as_char() == '>',
        Some(_) => false,
    }
}

/// `(T,)`, whose comma must stay.
fn is_tuple_of_one(inside: TokenStream) -> bool {
    let mut depth = 0_usize;
    let mut commas = 0_usize;
    let mut ends_with_comma = false;
    let mut before = ' ';
    for token in without_groups(inside) {
        let sign = if let TokenTree::Punct(sign) = token { sign.as_char() } else { ' ' };
        match sign {
            '<' => depth += 1,
            '>' if before != '-' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => commas += 1,
            _ => {}
        }
        ends_with_comma = sign == ',';
        before = sign;
    }
    commas == 1 && ends_with_comma
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
            assert_eq!(written(tokens), text);
        }
    }

    #[test]
    fn odd_spaces_and_trailing_commas_are_straightened() {
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
            assert_eq!(written(odd.parse().unwrap()), expected, "{odd}");
        }
    }

    #[test]
    fn it_prints_what_prettyplease_prints() {
        for text in TYPES {
            let file = syn::parse_str(&format!("type X = {text};")).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(prettyplease::unparse(&file), format!("type X = {text};\n"));
        }
    }
}
