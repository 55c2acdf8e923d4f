//! The attribute.
mod args;
mod attribute;
mod check;
mod docs;
mod duration;
mod expand;
mod function;
mod keys;
mod name;
mod names;
mod options;
mod signature;
mod suggest;
#[cfg(test)]
mod tests;
mod value;
mod written;

use proc_macro::TokenStream;

/// Later.
#[proc_macro_attribute]
pub fn health_check(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let (mut tokens, errors) = attribute::health_check(arguments.into(), item.into());
    tokens.extend(errors.iter().map(syn::Error::to_compile_error));
    tokens.into()
}
