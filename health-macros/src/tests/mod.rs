//! The attribute as a whole, without a compiler: what it says of mistakes, and what it emits.

mod expansion;
mod items;
mod messages;
mod robustness;

use proc_macro2::TokenStream;

/// What the attribute emits, and what it says.
fn expand(arguments: &str, item: &str) -> (TokenStream, Vec<String>) {
    let (tokens, errors) = crate::attribute::health_check(arguments.parse().unwrap(), item.parse().unwrap());
    (tokens, errors.iter().map(ToString::to_string).collect())
}
