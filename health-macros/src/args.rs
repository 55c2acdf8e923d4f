//! The tokens in the parentheses → [`Args`]. Each argument is parsed separately, so that every mistake is reported.

use proc_macro2::{Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use syn::{Error, Lit};

use crate::keys::{self, Key, Kind};
use crate::tokens::{error_at, split_on_commas};
use crate::{suggest, tokens};

/// The arguments of the attribute: known names, none of them twice. The values are still tokens.
#[derive(Debug, Default)]
pub(crate) struct Args {
    pub(crate) kinds: Vec<KindArg>,
    pub(crate) options: Vec<OptionArg>,
    /// The names of all arguments, also of unknown ones.
    pub(crate) names: Vec<Ident>,
    /// An argument that was not understood may be a misspelt kind, so a missing kind is not reported.
    pub(crate) kinds_uncertain: bool,
}

#[derive(Debug)]
pub(crate) struct KindArg {
    pub(crate) kind: Kind,
    pub(crate) name: Ident,
    pub(crate) position: usize,
}

#[derive(Debug)]
pub(crate) struct OptionArg {
    pub(crate) key: Key,
    pub(crate) name: Ident,
    /// At least one token, without invisible groups at the top level.
    pub(crate) value: Vec<TokenTree>,
    pub(crate) position: usize,
}

impl OptionArg {
    /// Returns the option with a valid value.
    pub(crate) fn example(&self) -> String {
        keys::example(self.key)
    }

    /// Returns the value if it is a single literal.
    pub(crate) fn literal(&self) -> Option<Lit> {
        tokens::literal(&self.value)
    }

    /// Creates an error at the value that names the violated rule and what to write instead.
    pub(crate) fn reject(&self, rule: &str, remedy: &str) -> Error {
        self.error_at_value(&format!("must {rule}; write `{remedy}`"))
    }

    /// Creates an error at the value. `problem` follows the name of the option.
    pub(crate) fn error_at_value(&self, problem: &str) -> Error {
        error_at(&self.value, format!("`{}` {problem}", self.name))
    }
}

pub(crate) fn parse(arguments: TokenStream, errors: &mut Vec<Error>) -> Args {
    let mut parser = ArgsParser { args: Args::default(), errors, position: 0 };
    for (argument, comma) in split_on_commas(arguments) {
        match comma {
            Some(comma) if argument.is_empty() => parser.reject_stray_comma(&comma),
            _ => parser.parse_argument(&argument),
        }
    }
    parser.args
}

struct ArgsParser<'e> {
    args: Args,
    errors: &'e mut Vec<Error>,
    position: usize,
}

impl ArgsParser<'_> {
    fn error(&mut self, span: Span, message: String) {
        self.errors.push(Error::new(span, message));
    }

    fn reject_stray_comma(&mut self, comma: &Punct) {
        self.args.kinds_uncertain = true;
        self.error(comma.span(), "`,` must follow an argument; drop this one".to_owned());
    }

    fn parse_argument(&mut self, tokens: &[TokenTree]) {
        self.position += 1;
        let (argument, next) = tokens.split_at(missing_comma(tokens).unwrap_or(tokens.len()));
        match argument {
            [] => {}
            [TokenTree::Ident(name), rest @ ..] => self.parse_named(name, rest),
            other => {
                self.args.kinds_uncertain = true;
                self.errors.push(error_at(other, not_an_argument(other)));
            }
        }
        if let [first, ..] = next {
            let previous = argument.last().map(ToString::to_string).unwrap_or_default();
            self.error(first.span(), format!("`{first}` must be separated from `{previous}`; put a comma between them"));
            self.parse_argument(next);
        }
    }

    /// `rest` is what follows the name: `= value`, nothing, or invalid tokens.
    fn parse_named(&mut self, name: &Ident, rest: &[TokenTree]) {
        self.args.names.push(name.clone());
        if let Some(kind) = keys::find_kind(name) {
            if !rest.is_empty() {
                let value = assigned_value(rest).filter(|value| !value.is_empty()).unwrap_or(rest);
                self.errors.push(error_at(value, format!("`{name}` takes no value; write `{name}`")));
            }
            self.add_kind(kind, name);
        } else if let Some(key) = keys::find_key(name) {
            self.add_option(key, name, rest);
        } else {
            self.reject_unknown(name, rest);
        }
    }

    fn add_kind(&mut self, kind: Kind, name: &Ident) {
        if self.args.kinds.iter().any(|other| other.kind == kind) {
            self.reject_repeated(name);
        } else {
            self.args.kinds.push(KindArg { kind, name: name.clone(), position: self.position });
        }
    }

    fn add_option(&mut self, key: Key, name: &Ident, rest: &[TokenTree]) {
        let example = keys::example(key);
        match assigned_value(rest) {
            _ if self.args.options.iter().any(|other| other.key == key) => self.reject_repeated(name),
            Some(value) if !value.is_empty() => {
                self.args.options.push(OptionArg { key, name: name.clone(), value: value.to_vec(), position: self.position });
            }
            None if !rest.is_empty() => {
                let message = format!("`{name}` must be followed by `=` and its value; write `{example}`");
                self.errors.push(error_at(rest, message));
            }
            Some(_) | None => {
                let last = rest.last().map_or_else(|| name.span(), TokenTree::span);
                self.error(last, format!("`{name}` must have a value; write `{example}`"));
            }
        }
    }

    fn reject_repeated(&mut self, name: &Ident) {
        self.error(name.span(), format!("`{name}` must be given once; drop this one"));
    }

    fn reject_unknown(&mut self, name: &Ident, rest: &[TokenTree]) {
        let is_for_kinds = name == "kind" || name == "kinds";
        self.args.kinds_uncertain |= is_for_kinds || assigned_value(rest).is_none();
        let remedy = if is_for_kinds {
            format!("write `{}` alone", intended_kinds(rest))
        } else if let Some(meant) = suggest::intended(&name.to_string()) {
            format!("did you mean {meant}?")
        } else {
            format!("expected one of {}", keys::names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
        };
        self.error(name.span(), format!("unknown argument `{name}`; {remedy}"));
    }
}

/// Returns the tokens after a single `=`, which is not the first half of `==` or `=>`.
fn assigned_value(rest: &[TokenTree]) -> Option<&[TokenTree]> {
    let [TokenTree::Punct(equals), value @ ..] = rest else {
        return None;
    };
    let is_doubled = equals.spacing() == Spacing::Joint
        && matches!(value.first(), Some(TokenTree::Punct(next)) if matches!(next.as_char(), '=' | '>'));
    (equals.as_char() == '=' && !is_doubled).then_some(value)
}

/// Returns where the next argument starts if the comma before it is missing: at a known name directly after a token that can
/// end an argument.
fn missing_comma(argument: &[TokenTree]) -> Option<usize> {
    let is_boundary = |pair: &[TokenTree]| {
        matches!(pair, [TokenTree::Ident(_) | TokenTree::Literal(_) | TokenTree::Group(_), TokenTree::Ident(name)]
            if keys::find_kind(name).is_some() || keys::find_key(name).is_some())
    };
    argument.windows(2).position(is_boundary).map(|before| before + 1)
}

fn not_an_argument(tokens: &[TokenTree]) -> String {
    if let [TokenTree::Literal(literal)] = tokens {
        let text = literal.to_string();
        let name = text.trim_matches('"');
        if keys::find_kind(name).is_some() {
            return format!("`{name}` must not be in quotes; write `{name}`");
        }
    }
    "argument must be a kind or an option with its value; write `readiness`, or `timeout = \"500ms\"`".to_owned()
}

/// Returns what to write instead of `kind = "ready"` or `kinds(liveness, readiness)`.
fn intended_kinds(value: &[TokenTree]) -> String {
    let text = value.iter().cloned().collect::<TokenStream>().to_string();
    let parts = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    let mut kinds: Vec<_> = parts.filter_map(|part| suggest::nearest(part, keys::kind_names())).collect();
    kinds.dedup();
    if kinds.is_empty() { "readiness".to_owned() } else { kinds.join(", ") }
}
