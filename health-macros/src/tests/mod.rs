//! Tests of the complete attribute without a compiler: the messages and the emitted tokens.

mod expansion;
mod impl_block;
mod items;
mod messages;
mod robustness;

use proc_macro2::TokenStream;

/// Returns the emitted tokens and the messages.
fn expand(arguments: &str, item: &str) -> (TokenStream, Vec<String>) {
    let (tokens, errors) = crate::attribute::health_check(arguments.parse().unwrap(), item.parse().unwrap());
    (tokens, errors.iter().map(ToString::to_string).collect())
}

/// Returns the emitted tokens and the messages of `#[health_checks]`.
fn expand_impl(arguments: &str, item: &str) -> (TokenStream, Vec<String>) {
    let (tokens, errors) = crate::impl_block::health_checks(arguments.parse().unwrap(), item.parse().unwrap());
    (tokens, errors.iter().map(ToString::to_string).collect())
}
