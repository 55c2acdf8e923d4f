//! The call of a deprecated function. Its author deprecates other calls, and `#[allow(deprecated)]` is an error under
//! `#![forbid(deprecated)]`. rustc accepts a deprecated name in the code of a derive, so a derive emits the call.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;

/// The placeholder of the path of the function, until the derive replaces it.
const PLACEHOLDER: &str = "__function";

pub(crate) fn placeholder() -> TokenStream {
    TokenTree::Ident(Ident::new(PLACEHOLDER, Span::mixed_site())).into()
}

/// Returns a type whose derive emits `code` with the path of the function.
pub(crate) fn call_in_a_derive(function: &TokenStream, code: &TokenStream) -> TokenStream {
    quote_spanned! {Span::mixed_site()=>
        #[derive(__health::CallDeprecated)]
        #[health_call((#function) #code)]
        enum __Check {}
    }
}

/// The derive: returns the code in the attribute `health_call`.
pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let attribute = groups(item).find_map(|attribute| groups(attribute.stream()).next());
    let mut tokens = attribute.map(|arguments| arguments.stream().into_iter()).into_iter().flatten();
    let Some(TokenTree::Group(function)) = tokens.next() else {
        return TokenStream::new();
    };
    replace(tokens.collect(), &in_derive(function.stream()))
}

/// Returns the tokens with spans that rustc accepts in the code of a derive.
fn in_derive(tokens: TokenStream) -> TokenStream {
    let moved = tokens.into_iter().map(|mut token| {
        if let TokenTree::Group(group) = &token {
            token = Group::new(group.delimiter(), in_derive(group.stream())).into();
        }
        token.set_span(Span::mixed_site().located_at(token.span()));
        token
    });
    moved.collect()
}

fn groups(tokens: TokenStream) -> impl Iterator<Item = Group> {
    tokens.into_iter().filter_map(|token| if let TokenTree::Group(group) = token { Some(group) } else { None })
}

fn replace(code: TokenStream, function: &TokenStream) -> TokenStream {
    let replaced = code.into_iter().map(|token| match token {
        TokenTree::Ident(ident) if ident == PLACEHOLDER => function.clone(),
        TokenTree::Group(group) => {
            let mut replaced = Group::new(group.delimiter(), replace(group.stream(), function));
            replaced.set_span(group.span());
            TokenTree::Group(replaced).into()
        }
        token => token.into(),
    });
    replaced.collect()
}
