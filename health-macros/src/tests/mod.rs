//! Tests of the complete attribute without a compiler: the messages and the emitted tokens.

mod expansion;
mod items;
mod messages;
mod robustness;

use proc_macro2::TokenStream;

/// Returns the emitted tokens and the messages.
fn expand(arguments: &str, item: &str) -> (TokenStream, Vec<String>) {
    let (tokens, errors) = crate::attribute::health_check(arguments.parse().unwrap(), item.parse().unwrap());
    (tokens, errors.iter().map(ToString::to_string).collect())
}
