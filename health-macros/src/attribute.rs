//! The two token streams of the attribute → the tokens to emit and the errors, without a compiler.

use proc_macro2::{Span, TokenStream};
use syn::Error;

use crate::place::Place;
use crate::{args, body, check, expand, function, key_value_form};

/// Returns the unchanged item, then the code that registers it. The caller emits the errors after them.
pub(crate) fn health_check(arguments: TokenStream, item: TokenStream) -> (TokenStream, Vec<Error>) {
    let mut errors = Vec::new();
    let is_rejected = Span::call_site().source_text().is_some_and(|text| key_value_form::is_key_value(&text));
    let place = Place { attribute: Span::call_site(), block: None };
    let (mut tokens, code) = expand(Some(arguments).filter(|_| !is_rejected), item, &place, &mut errors);
    tokens.extend(code);
    (tokens, errors)
}

/// Returns the item and the code that registers it. `arguments` is `None` where they cannot be read.
pub(crate) fn expand(
    arguments: Option<TokenStream>,
    item: TokenStream,
    place: &Place<'_>,
    errors: &mut Vec<Error>,
) -> (TokenStream, TokenStream) {
    let item = function::parse(item, errors);
    let (mut tokens, mut code) = (item.tokens, TokenStream::new());
    if let Some((function, arguments)) = item.function.as_ref().zip(arguments) {
        tokens = body::require_body(function, &item.name, tokens, place, errors);
        let args = args::parse(arguments, errors);
        if let Some(check) = check::validate(&args, function, &item.name, place, errors) {
            code = expand::expand(&check);
        }
    }
    (tokens, code)
}
