//! The call of a deprecated function. Its author deprecates other calls, and `#[allow(deprecated)]` is an error under
//! `#![forbid(deprecated)]`. rustc accepts a deprecated name in the code of a derive, so a derive emits the call.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;

/// The placeholder of the name of the function, until the derive replaces it.
const PLACEHOLDER: &str = "__function";

pub(crate) fn placeholder() -> Ident {
    Ident::new(PLACEHOLDER, Span::mixed_site())
}

/// Returns a type whose derive emits `code` with the name of the function.
pub(crate) fn call_in_a_derive(function: &Ident, code: &TokenStream) -> TokenStream {
    quote_spanned! {Span::mixed_site()=>
        #[derive(__health::CallDeprecated)]
        #[health_call(#function #code)]
        enum __Check {}
    }
}

/// The derive: returns the code in the attribute `health_call`.
pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let attribute = groups(item).find_map(|attribute| groups(attribute.stream()).next());
    let mut tokens = attribute.map(|arguments| arguments.stream().into_iter()).into_iter().flatten();
    let Some(TokenTree::Ident(function)) = tokens.next() else {
        return TokenStream::new();
    };
    replace(tokens.collect(), &function)
}

fn groups(tokens: TokenStream) -> impl Iterator<Item = Group> {
    tokens.into_iter().filter_map(|token| if let TokenTree::Group(group) = token { Some(group) } else { None })
}

fn replace(code: TokenStream, function: &Ident) -> TokenStream {
    let replaced = code.into_iter().map(|token| match token {
        TokenTree::Ident(ident) if ident == PLACEHOLDER => {
            let mut function = function.clone();
            function.set_span(Span::mixed_site().located_at(function.span()));
            TokenTree::Ident(function)
        }
        TokenTree::Group(group) => {
            let mut replaced = Group::new(group.delimiter(), replace(group.stream(), function));
            replaced.set_span(group.span());
            TokenTree::Group(replaced)
        }
        token => token,
    });
    replaced.collect()
}
