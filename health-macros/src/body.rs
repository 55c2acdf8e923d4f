//! What is said of a function without a body, and where.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::{Error, Signature};

use crate::function::Function;

/// The item, in which an error takes the place of the missing body where that can be. It has every type, so it is the only
/// error then: the compiler too refuses a free function without a body.
pub(crate) fn demand(function: &Function, name: &str, item: TokenStream, errors: &mut Vec<Error>) -> TokenStream {
    let signature = &function.signature;
    let Some(semicolon) = function.semicolon.filter(|_| signature.receiver().is_none()) else {
        return item;
    };
    let message = format!("health check `{name}` must have a body; put the attribute on the function that does the check");
    let error = Error::new_spanned(semicolon, message);
    let tokens: Vec<TokenTree> = item.clone().into_iter().collect();
    match tokens.as_slice() {
        [head @ .., TokenTree::Punct(last)] if last.as_char() == ';' && !can_be_foreign(signature) => {
            let error = error.to_compile_error();
            quote!(#(#head)* { #error })
        }
        _ => {
            errors.push(error);
            item
        }
    }
}

/// A foreign function has no body, and the compiler says nothing of one.
fn can_be_foreign(signature: &Signature) -> bool {
    signature.asyncness.is_none() && signature.constness.is_none() && signature.abi.is_none()
}
