//! [`Options`] and [`Function`] → [`Check`]: what is left to say once both are right.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, FnArg, Ident, Meta, Path, ReturnType, Token, Type};

use crate::args::without_groups;
use crate::docs;
use crate::function::Function;
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
    /// What must stand on the generated item too.
    pub(crate) attributes: Vec<TokenStream>,
    pub(crate) is_async: bool,
    pub(crate) arguments: Vec<Argument>,
    /// `None`: `()`, since no type stands there.
    pub(crate) returned: Option<Extent>,
}

pub(crate) struct Argument {
    pub(crate) ty: Extent,
    pub(crate) written: String,
}

/// From where to where a type reaches in the source. A span that joins two is not to be had on stable Rust.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) first: Span,
    pub(crate) last: Span,
}

impl Extent {
    fn of(ty: &Type) -> Self {
        let tokens = without_groups(ty.to_token_stream());
        let first = tokens.first().map_or_else(Span::call_site, TokenTree::span);
        Self { first, last: tokens.last().map_or(first, TokenTree::span) }
    }
}

/// `None` when nothing but the function can be emitted without a second error for the same mistake.
pub(crate) fn validate(mut options: Options, function: &Function, name: &str, errors: &mut Vec<Error>) -> Option<Check> {
    let signature = &function.signature;
    let mistakes = signature::mistakes(function, name);
    let is_sound = mistakes.is_empty() && function.semicolon.is_none();
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
    let check = Check {
        function: signature.ident.clone(),
        name,
        runtime,
        attributes: function.attributes.iter().filter_map(carried_over).collect(),
        is_async: signature.asyncness.is_some(),
        arguments: signature.inputs.iter().filter_map(argument).collect(),
        returned: match &signature.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(Extent::of(ty)),
        },
        options,
    };
    is_sound.then_some(check)
}

fn argument(argument: &FnArg) -> Option<Argument> {
    match argument {
        FnArg::Typed(argument) => {
            Some(Argument { ty: Extent::of(&argument.ty), written: written(argument.ty.to_token_stream()) })
        }
        FnArg::Receiver(_) => None,
    }
}

fn carried_over(attribute: &Attribute) -> Option<TokenStream> {
    let meta = carried_over_meta(&attribute.meta)?;
    Some(quote!(#[#meta]))
}

fn carried_over_meta(meta: &Meta) -> Option<TokenStream> {
    let path = meta.path();
    if path.is_ident("cfg") {
        return Some(meta.to_token_stream());
    }
    match meta {
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
