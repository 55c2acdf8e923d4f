//! The two token streams of the attribute → the tokens to emit and the errors, without a compiler.

use proc_macro2::{Span, TokenStream};
use syn::Error;

use crate::{args, body, check, expand, function, key_value_form};

/// Returns the unchanged item, then the code that registers it. The caller emits the errors after them.
pub(crate) fn health_check(arguments: TokenStream, item: TokenStream) -> (TokenStream, Vec<Error>) {
    let mut errors = Vec::new();
    let item = function::parse(item, &mut errors);
    let mut tokens = item.tokens;
    let is_rejected = Span::call_site().source_text().is_some_and(|text| key_value_form::is_key_value(&text));
    if let Some(function) = item.function.as_ref().filter(|_| !is_rejected) {
        tokens = body::require_body(function, &item.name, tokens, &mut errors);
        let args = args::parse(arguments, &mut errors);
        if let Some(check) = check::validate(&args, function, &item.name, &mut errors) {
            tokens.extend(expand::expand(&check));
        }
    }
    (tokens, errors)
}
