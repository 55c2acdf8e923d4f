//! What stands in the parentheses → [`Args`]. Every argument is read on its own, so that every mistake is reported.

use proc_macro2::{Delimiter, Ident, Punct, Spacing, TokenStream, TokenTree};
use syn::Error;

use crate::keys::{self, Key, Kind};
use crate::suggest;

/// What was written: known words, none twice, whose values are still tokens.
#[derive(Debug, Default)]
pub(crate) struct Args {
    pub(crate) kinds: Vec<GivenKind>,
    pub(crate) options: Vec<Given>,
    /// A word was not understood that may have been meant as a kind.
    pub(crate) kinds_are_unclear: bool,
}

#[derive(Debug)]
pub(crate) struct GivenKind {
    pub(crate) kind: Kind,
    pub(crate) word: Ident,
    pub(crate) position: usize,
}

#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) key: Key,
    pub(crate) word: Ident,
    pub(crate) value: TokenStream,
    pub(crate) position: usize,
}

impl Given {
    /// The option with a value of the right form.
    pub(crate) fn example(&self) -> String {
        keys::example(&self.word.to_string())
    }
}

pub(crate) fn parse(tokens: TokenStream, errors: &mut Vec<Error>) -> Args {
    let mut reader = Reader { args: Args::default(), errors, position: 0 };
    for (argument, comma) in separated(tokens) {
        if let ([], Some(comma)) = (argument.as_slice(), comma) {
            reader.stray(&comma);
        }
        reader.read(&argument);
    }
    reader.args
}

/// What stands between commas, each with the comma behind it.
pub(crate) fn separated(tokens: TokenStream) -> Vec<(Vec<TokenTree>, Option<Punct>)> {
    let mut parts = Vec::new();
    let mut part = Vec::new();
    for token in without_groups(tokens) {
        match token {
            TokenTree::Punct(comma) if comma.as_char() == ',' => parts.push((std::mem::take(&mut part), Some(comma))),
            token => part.push(token),
        }
    }
    parts.push((part, None));
    parts
}

/// The invisible groups around the fragments of a `macro_rules!` taken off.
pub(crate) fn without_groups(tokens: TokenStream) -> Vec<TokenTree> {
    let mut flat = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => flat.extend(without_groups(group.stream())),
            token => flat.push(token),
        }
    }
    flat
}

struct Reader<'e> {
    args: Args,
    errors: &'e mut Vec<Error>,
    position: usize,
}

impl Reader<'_> {
    fn stray(&mut self, comma: &Punct) {
        self.args.kinds_are_unclear = true;
        self.errors.push(Error::new(comma.span(), "`,` must follow an argument; drop this one"));
    }

    fn read(&mut self, argument: &[TokenTree]) {
        self.position += 1;
        let (argument, next) = argument.split_at(missing_comma(argument).unwrap_or(argument.len()));
        match argument {
            [] => {}
            [TokenTree::Ident(word)] => self.word(word),
            [TokenTree::Ident(word), TokenTree::Punct(equals), value @ ..] if is_equals(equals, value) => {
                self.setting(word, equals, value);
            }
            [TokenTree::Ident(word), rest @ ..] => self.malformed(word, rest),
            other => {
                self.args.kinds_are_unclear = true;
                self.errors.push(Error::new_spanned(stream(other), no_argument(other)));
            }
        }
        if let [first, ..] = next {
            let before = argument.last().map(ToString::to_string).unwrap_or_default();
            let message = format!("`{first}` must be separated from `{before}`; put a comma between them");
            self.errors.push(Error::new(first.span(), message));
            self.read(next);
        }
    }

    fn word(&mut self, word: &Ident) {
        if let Some(kind) = keys::kind(word) {
            self.kind(kind, word);
        } else if let Some((key, _)) = keys::key(word) {
            self.errors.push(Error::new(word.span(), format!("`{word}` must have a value; write `{}`", keys::example(key))));
        } else {
            self.args.kinds_are_unclear = true;
            self.unknown(word, &[]);
        }
    }

    fn kind(&mut self, kind: Kind, word: &Ident) {
        if self.args.kinds.iter().any(|given| given.kind == kind) {
            self.errors.push(Error::new(word.span(), format!("`{word}` must be given once; drop this one")));
        } else {
            self.args.kinds.push(GivenKind { kind, word: word.clone(), position: self.position });
        }
    }

    fn setting(&mut self, word: &Ident, equals: &Punct, value: &[TokenTree]) {
        if let Some(kind) = keys::kind(word) {
            let message = format!("`{word}` must stand alone, without a value; write `{word}`");
            self.errors.push(Error::new_spanned(stream(value), message));
            self.kind(kind, word);
            return;
        }
        let Some((name, key)) = keys::key(word) else {
            self.unknown(word, value);
            return;
        };
        if self.args.options.iter().any(|given| given.key == key) {
            self.errors.push(Error::new(word.span(), format!("`{word}` must be given once; drop this one")));
            return;
        }
        if value.is_empty() {
            self.errors.push(Error::new(equals.span(), format!("`{word}` must have a value; write `{}`", keys::example(name))));
            return;
        }
        self.args.options.push(Given { key, word: word.clone(), value: stream(value), position: self.position });
    }

    /// A word that is followed by something other than `=`.
    fn malformed(&mut self, word: &Ident, rest: &[TokenTree]) {
        if let Some(kind) = keys::kind(word) {
            self.errors.push(Error::new_spanned(stream(rest), format!("`{word}` must stand alone; write `{word}`")));
            self.kind(kind, word);
        } else if let Some((key, _)) = keys::key(word) {
            let message = format!("`{word}` must be followed by `=` and its value; write `{}`", keys::example(key));
            self.errors.push(Error::new_spanned(stream(rest), message));
        } else {
            self.args.kinds_are_unclear = true;
            self.unknown(word, rest);
        }
    }

    fn unknown(&mut self, word: &Ident, value: &[TokenTree]) {
        let is_for_kinds = word == "kind" || word == "kinds";
        self.args.kinds_are_unclear |= is_for_kinds;
        let remedy = if is_for_kinds {
            format!("write `{}` alone", kinds_meant(&stream(value).to_string()))
        } else if let Some(meant) = suggest::nearest(&word.to_string(), keys::words()) {
            format!("did you mean `{meant}`?")
        } else {
            format!("it takes {}", keys::words().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "))
        };
        self.errors.push(Error::new(word.span(), format!("`{word}` is no argument of a health check; {remedy}")));
    }
}

/// Not the first half of `==` or `=>`.
fn is_equals(punct: &Punct, value: &[TokenTree]) -> bool {
    let doubled = punct.spacing() == Spacing::Joint
        && matches!(value.first(), Some(TokenTree::Punct(next)) if matches!(next.as_char(), '=' | '>'));
    punct.as_char() == '=' && !doubled
}

/// Where a new argument starts although no comma stands before it: at a known word right behind
/// something that ends an argument.
fn missing_comma(argument: &[TokenTree]) -> Option<usize> {
    argument
        .windows(2)
        .position(|pair| {
            matches!(pair, [TokenTree::Ident(_) | TokenTree::Literal(_) | TokenTree::Group(_), TokenTree::Ident(word)]
            if keys::kind(word).is_some() || keys::key(word).is_some())
        })
        .map(|before| before + 1)
}

fn no_argument(tokens: &[TokenTree]) -> String {
    if let [TokenTree::Literal(literal)] = tokens {
        let text = literal.to_string();
        let word = text.trim_matches('"');
        if keys::kind(word).is_some() {
            return format!("`{word}` must stand without quotes; write `{word}`");
        }
    }
    "argument must be a kind or an option with its value; write `readiness`, or `timeout = \"500ms\"`".to_owned()
}

/// What to write instead of `kind = "ready"` or `kinds(liveness, readiness)`.
fn kinds_meant(value: &str) -> String {
    let words = value.split(|c: char| !c.is_alphanumeric() && c != '_');
    let mut kinds: Vec<_> = words.filter_map(|word| suggest::nearest(word, keys::kinds())).collect();
    kinds.dedup();
    if kinds.is_empty() { "readiness".to_owned() } else { kinds.join(", ") }
}

fn stream(tokens: &[TokenTree]) -> TokenStream {
    tokens.iter().cloned().collect()
}
