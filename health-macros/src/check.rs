//! [`Options`] and [`Function`] → [`Check`], the input of the expansion.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, FnArg, Ident, Meta, Path, Receiver, ReceiverKind, ReturnType, Token};

use crate::args::Args;
use crate::docs;
use crate::function::{self, Function};
use crate::keys::Key;
use crate::manifest;
use crate::options::{self, Options, Setting};
use crate::place::Place;
use crate::selector::{self, Selector};
use crate::signature;
use crate::tokens::flatten_none_groups;
use crate::type_printer::print_type;

/// A validated check.
pub(crate) struct Check {
    pub(crate) function: Ident,
    /// The type of which the function is an associated one.
    pub(crate) self_type: Option<TokenStream>,
    pub(crate) name: String,
    /// `None` for the default, `::health_runtime`.
    pub(crate) runtime: Option<Path>,
    pub(crate) options: Options,
    /// The names of the arguments of the attribute, which rust-analyzer completes. `crate` cannot be an item.
    pub(crate) argument_names: Vec<Ident>,
    /// The attributes that also apply to the generated item.
    pub(crate) attributes: Vec<TokenStream>,
    /// Whether the function is deprecated, perhaps under a condition.
    pub(crate) is_deprecated: bool,
    pub(crate) is_async: bool,
    pub(crate) arguments: Vec<Argument>,
    /// `None` for a function without a return type.
    pub(crate) return_type: Option<TypeSpan>,
}

pub(crate) struct Argument {
    pub(crate) selector: Selector,
    pub(crate) span: TypeSpan,
    /// The type as text.
    pub(crate) ty: String,
}

/// The first and the last token of a type. Stable Rust cannot join two spans.
#[derive(Clone, Copy)]
pub(crate) struct TypeSpan {
    pub(crate) first: Span,
    pub(crate) last: Span,
}

impl TypeSpan {
    fn new(ty: TokenStream) -> Self {
        let tokens = flatten_none_groups(ty);
        let first = tokens.first().map_or_else(Span::call_site, TokenTree::span);
        Self { first, last: tokens.last().map_or(first, TokenTree::span) }
    }
}

/// Returns `None` after a mistake for which the generated code would raise a second error.
pub(crate) fn validate(
    args: &Args,
    function: &Function,
    name: &str,
    place: &Place<'_>,
    errors: &mut Vec<Error>,
) -> Option<Check> {
    let mut options = options::validate(args, name, place.attribute, errors);
    let signature = &function.signature;
    let inputs = &signature.inputs;
    let selectors: Vec<Selector> = inputs.iter().map(|input| selector::parse(function::attributes(input), errors)).collect();
    let quorum = args.options.iter().find(|option| option.key == Key::Quorum);
    if let Some(quorum) = quorum.filter(|_| !selectors.contains(&Selector::Each)) {
        let message = "`quorum` must come with `#[each]` on an argument; add it, or drop `quorum`";
        errors.push(Error::new(quorum.name.span(), message));
    }
    let signature_errors = signature::validate(function, name, place);
    let can_expand = signature_errors.is_empty() && function.semicolon.is_none();
    errors.extend(signature_errors);
    let name = match std::mem::take(&mut options.name) {
        Setting::Explicit(name) => name,
        Setting::Default => {
            errors.extend(signature::validate_default_name(&signature.ident).err());
            signature.ident.unraw().to_string()
        }
        Setting::Invalid => String::new(),
    };
    let runtime = match std::mem::take(&mut options.runtime) {
        Setting::Default => match manifest::renamed_runtime() {
            None => None,
            Some(renamed) => {
                let message = format!(
                    "health check `{name}` must name the runtime crate, which `Cargo.toml` calls `{renamed}`; add `crate = ::{renamed}`"
                );
                errors.push(Error::new(place.attribute, message));
                return None;
            }
        },
        Setting::Explicit(path) => Some(path),
        Setting::Invalid => return None,
    };
    if options.description.is_none() {
        options.description = docs::first_paragraph(&function.attributes);
    }
    let self_type = place.block.map(|block| block.self_type.clone());
    let argument = |(input, selector): (&FnArg, Selector)| {
        let tokens = match input {
            FnArg::Receiver(receiver) => receiver_type(receiver),
            FnArg::Typed(argument) => argument.ty.to_token_stream(),
        };
        Argument { selector, span: TypeSpan::new(tokens.clone()), ty: print_type(replace_self(tokens, self_type.as_ref())) }
    };
    let attributes = function.attributes.iter().filter_map(forwarded_attribute);
    let check = Check {
        function: signature.ident.clone(),
        name,
        runtime,
        attributes: place.block.iter().flat_map(|block| block.attributes.clone()).chain(attributes).collect(),
        self_type: self_type.clone(),
        argument_names: args.names.iter().filter(|name| *name != "crate").cloned().collect(),
        is_deprecated: function.attributes.iter().any(|attribute| is_deprecated(&attribute.meta)),
        is_async: signature.asyncness.is_some(),
        arguments: inputs.iter().zip(selectors).map(argument).collect(),
        return_type: match &signature.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(TypeSpan::new(ty.to_token_stream())),
        },
        options,
    };
    can_expand.then_some(check)
}

/// Returns the type of `self`, with its tokens.
fn receiver_type(receiver: &Receiver) -> TokenStream {
    match &receiver.kind {
        ReceiverKind::Typed(_, ty) => ty.to_token_stream(),
        ReceiverKind::Reference(and, lifetime, _) => {
            let target = Ident::new("Self", receiver.self_token.span);
            quote!(#and #lifetime #target)
        }
        _ => receiver.self_token.to_token_stream(),
    }
}

/// Replaces `Self`, which has no meaning in the generated code.
pub(crate) fn replace_self(tokens: TokenStream, self_type: Option<&TokenStream>) -> TokenStream {
    let Some(self_type) = self_type else {
        return tokens;
    };
    let mut replaced = TokenStream::new();
    let mut rest = tokens.into_iter().peekable();
    while let Some(token) = rest.next() {
        match token {
            TokenTree::Ident(ident) if ident == "Self" => {
                let is_path = matches!(rest.peek(), Some(TokenTree::Punct(colon)) if colon.as_char() == ':');
                replaced.extend(if is_path { quote_spanned!(ident.span()=> <#self_type>) } else { self_type.clone() });
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), replace_self(group.stream(), Some(self_type)));
                inner.set_span(group.span());
                replaced.extend([TokenTree::from(inner)]);
            }
            token => replaced.extend([token]),
        }
    }
    replaced
}

/// Returns `#[cfg]`, also inside `#[cfg_attr]`.
pub(crate) fn forwarded_attribute(attribute: &Attribute) -> Option<TokenStream> {
    let meta = forwarded_meta(&attribute.meta)?;
    Some(quote!(#[#meta]))
}

fn forwarded_meta(meta: &Meta) -> Option<TokenStream> {
    if meta.path().is_ident("cfg") {
        return Some(meta.to_token_stream());
    }
    let parts = conditional(meta)?;
    let mut parts = parts.iter();
    let condition = parts.next()?;
    let forwarded: Vec<_> = parts.filter_map(forwarded_meta).collect();
    (!forwarded.is_empty()).then(|| quote!(cfg_attr(#condition, #(#forwarded),*)))
}

fn is_deprecated(meta: &Meta) -> bool {
    meta.path().is_ident("deprecated") || conditional(meta).is_some_and(|parts| parts.iter().skip(1).any(is_deprecated))
}

/// Returns the condition and the attributes in a `cfg_attr`.
fn conditional(meta: &Meta) -> Option<Punctuated<Meta, Token![,]>> {
    let Meta::List(list) = meta else { return None };
    list.parse_args_with(Punctuated::parse_terminated).ok().filter(|_| list.path.is_ident("cfg_attr"))
}
