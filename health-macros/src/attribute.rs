//! From the two token streams of the attribute to what it emits, without a compiler.

use proc_macro2::{Span, TokenStream};
use syn::Error;

use crate::{args, body, check, expand, function, options, spelling};

/// The item first and unchanged, then what registers it. The errors are the caller's to emit, last.
pub(crate) fn health_check(arguments: TokenStream, item: TokenStream) -> (TokenStream, Vec<Error>) {
    let mut errors = Vec::new();
    let item = function::parse(item, &mut errors);
    let mut tokens = item.tokens;
    let is_refused = Span::call_site().source_text().is_some_and(|text| spelling::is_key_value(&text));
    if let Some(function) = item.function.as_ref().filter(|_| !is_refused) {
        tokens = body::demand(function, &item.name, tokens, &mut errors);
        let args = args::parse(arguments, &mut errors);
        let options = options::validate(&args, &item.name, Span::call_site(), &mut errors);
        if let Some(check) = check::validate(options, function, &item.name, &mut errors) {
            tokens.extend(expand::expand(&check));
        }
    }
    (tokens, errors)
}
