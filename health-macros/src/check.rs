//! [`Options`] and [`Function`] → [`Check`]: what is left to say once both are right.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, FnArg, Ident, Meta, Path, ReturnType, Token};

use crate::docs;
use crate::function::Function;
use crate::lifetimes::Lifetimes;
use crate::options::{Name, Options, Runtime};
use crate::signature;
use crate::written::written;

/// Everything that the expansion needs.
pub(crate) struct Check {
    pub(crate) function: Ident,
    pub(crate) name: String,
    /// `None`: the crate is called as it is published.
    pub(crate) runtime: Option<Path>,
    pub(crate) options: Options,
    /// What must stand on generated items too: `#[cfg]`, and the lints that the author allows for these types.
    pub(crate) attributes: Vec<TokenStream>,
    pub(crate) is_async: bool,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) returned: Returned,
}

pub(crate) struct Argument {
    pub(crate) ty: TokenStream,
    pub(crate) written: String,
}

pub(crate) enum Returned {
    Unit,
    Type(TokenStream),
    /// It has an `impl Trait` in it, which can be written in a signature only; errors stand at the span.
    Inferred(Span),
}

/// `None` when nothing but the function can be emitted without a second error for the same mistake.
pub(crate) fn validate(mut options: Options, function: &Function, name: &str, errors: &mut Vec<Error>) -> Option<Check> {
    let signature = &function.signature;
    let mistakes = signature::mistakes(function, name);
    let is_sound = mistakes.is_empty();
    errors.extend(mistakes);
    let name = match std::mem::take(&mut options.name) {
        Name::Given(given) => given,
        Name::OfFunction => {
            errors.extend(signature::mistake_in_default_name(&signature.ident));
            signature.ident.unraw().to_string()
        }
        Name::Wrong => String::new(),
    };
    let runtime = match std::mem::take(&mut options.runtime) {
        Runtime::Usual => None,
        Runtime::Given(path) => Some(path),
        Runtime::Wrong => return None,
    };
    if options.description.is_none() {
        options.description = docs::first_paragraph(&function.attributes);
    }
    let lifetimes = Lifetimes::of(&signature.generics);
    let arguments = signature.inputs.iter().filter_map(|argument| match argument {
        FnArg::Typed(argument) => Some(argument.ty.to_token_stream()),
        FnArg::Receiver(_) => None,
    });
    let check = Check {
        function: signature.ident.clone(),
        name,
        runtime,
        attributes: function.attributes.iter().filter_map(carried_over).collect(),
        is_async: signature.asyncness.is_some(),
        arguments: arguments.map(|ty| Argument { written: written(ty.clone()), ty: lifetimes.anonymous_in(ty) }).collect(),
        returned: returned(&signature.output, &lifetimes),
        options,
    };
    is_sound.then_some(check)
}

fn returned(output: &ReturnType, lifetimes: &Lifetimes) -> Returned {
    let ReturnType::Type(_, ty) = output else {
        return Returned::Unit;
    };
    let tokens = ty.to_token_stream();
    match signature::impl_keyword(tokens.clone()) {
        Some(keyword) => Returned::Inferred(keyword.span()),
        None => Returned::Type(lifetimes.anonymous_in(tokens)),
    }
}

fn carried_over(attribute: &Attribute) -> Option<TokenStream> {
    let meta = carried_over_meta(&attribute.meta)?;
    Some(quote!(#[#meta]))
}

fn carried_over_meta(meta: &Meta) -> Option<TokenStream> {
    let path = meta.path();
    if path.is_ident("cfg") || path.is_ident("allow") {
        return Some(meta.to_token_stream());
    }
    match meta {
        // An expectation need not be met a second time.
        Meta::List(list) if path.is_ident("expect") => {
            let lints = &list.tokens;
            Some(quote!(allow(#lints)))
        }
        // The call in generated code is not the use that the author warns of.
        _ if path.is_ident("deprecated") => Some(quote!(allow(deprecated))),
        Meta::List(list) if path.is_ident("cfg_attr") => {
            let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
            let mut parts = parts.iter();
            let condition = parts.next()?;
            let carried: Vec<_> = parts.filter_map(carried_over_meta).collect();
            (!carried.is_empty()).then(|| quote!(cfg_attr(#condition, #(#carried),*)))
        }
        _ => None,
    }
}
