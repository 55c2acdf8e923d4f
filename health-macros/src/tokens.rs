//! Functions on tokens that several modules use.

use proc_macro2::{Delimiter, Punct, Span, TokenStream, TokenTree};
use syn::{Error, Lit};

/// Splits at the commas. Each part comes with the comma that follows it.
pub(crate) fn split_on_commas(tokens: TokenStream) -> Vec<(Vec<TokenTree>, Option<Punct>)> {
    let mut parts = Vec::new();
    let mut part = Vec::new();
    for token in flatten_none_groups(tokens) {
        match token {
            TokenTree::Punct(comma) if comma.as_char() == ',' => parts.push((std::mem::take(&mut part), Some(comma))),
            token => part.push(token),
        }
    }
    parts.push((part, None));
    parts
}

/// Replaces the invisible groups around the fragments of a `macro_rules!` by their content.
pub(crate) fn flatten_none_groups(tokens: TokenStream) -> Vec<TokenTree> {
    let mut flat = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => flat.extend(flatten_none_groups(group.stream())),
            token => flat.push(token),
        }
    }
    flat
}

/// Creates an error that covers all of `tokens`.
pub(crate) fn error_at(tokens: &[TokenTree], message: String) -> Error {
    Error::new_spanned(tokens.iter().cloned().collect::<TokenStream>(), message)
}

/// Returns the literal if there is no other token.
pub(crate) fn literal(tokens: &[TokenTree]) -> Option<Lit> {
    match tokens {
        [TokenTree::Literal(literal)] => Some(Lit::new(literal.clone())),
        _ => None,
    }
}

/// Returns a span that resolves names as generated code does and is reported at `span`.
pub(crate) fn located(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}
