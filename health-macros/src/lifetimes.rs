//! A function's own lifetimes mean nothing outside of it: in the types that generated code repeats, each becomes `'_`.

use std::collections::HashSet;

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use syn::Generics;

pub(crate) struct Lifetimes(HashSet<String>);

impl Lifetimes {
    pub(crate) fn of(generics: &Generics) -> Self {
        Self(generics.lifetimes().map(|parameter| parameter.lifetime.ident.to_string()).collect())
    }

    /// A type without one of these lifetimes keeps its very tokens, groups and all.
    pub(crate) fn anonymous_in(&self, ty: TokenStream) -> TokenStream {
        if self.0.is_empty() { ty } else { self.replace(ty) }
    }

    fn replace(&self, tokens: TokenStream) -> TokenStream {
        let mut after_quote = false;
        tokens
            .into_iter()
            .map(|token| {
                let is_name = std::mem::take(&mut after_quote);
                match token {
                    TokenTree::Ident(name) if is_name && self.0.contains(&name.to_string()) => {
                        Ident::new("_", name.span()).into()
                    }
                    TokenTree::Group(group) => {
                        let mut replaced = Group::new(group.delimiter(), self.replace(group.stream()));
                        replaced.set_span(group.span());
                        replaced.into()
                    }
                    TokenTree::Punct(sign) => {
                        after_quote = sign.as_char() == '\'';
                        sign.into()
                    }
                    other => other,
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::written::written;

    #[test]
    fn only_the_functions_own_lifetimes_are_replaced() {
        let generics: Generics = syn::parse_quote!(<'a, 'b: 'a>);
        let lifetimes = Lifetimes::of(&generics);
        for (ty, expected) in [
            ("&'a Pool", "&'_ Pool"),
            ("Result<(), &'b str>", "Result<(), &'_ str>"),
            ("&'static str", "&'static str"),
            ("&'a (dyn for<'c> Fn(&'c a) + 'b)", "&'_ (dyn for<'c> Fn(&'c a) + '_)"),
        ] {
            assert_eq!(written(lifetimes.anonymous_in(ty.parse().unwrap())), expected);
        }
    }
}
