//! The error for a function without a body.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::{Error, Signature};

use crate::function::Function;
use crate::place::Place;

/// Returns the item. If the compiler would also reject the missing body, the error becomes the body: it has every type, so it
/// is the only error.
pub(crate) fn require_body(
    function: &Function,
    name: &str,
    item: TokenStream,
    place: &Place<'_>,
    errors: &mut Vec<Error>,
) -> TokenStream {
    let signature = &function.signature;
    let Some(semicolon) = function.semicolon.filter(|_| place.block.is_some() || signature.receiver().is_none()) else {
        return item;
    };
    let message = format!("health check `{name}` must have a body; put the attribute on the function that does the check");
    let error = Error::new_spanned(semicolon, message);
    let tokens: Vec<TokenTree> = item.clone().into_iter().collect();
    match tokens.as_slice() {
        [head @ .., TokenTree::Punct(last)] if last.as_char() == ';' && (place.block.is_some() || !can_be_foreign(signature)) => {
            let error = error.to_compile_error();
            quote!(#(#head)* { #error })
        }
        _ => {
            errors.push(error);
            item
        }
    }
}

/// Returns whether the function may be in an `extern` block, where the compiler accepts a missing body.
fn can_be_foreign(signature: &Signature) -> bool {
    signature.asyncness.is_none() && signature.constness.is_none() && signature.abi.is_none()
}
