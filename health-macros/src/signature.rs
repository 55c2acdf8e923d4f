//! Every rule about signatures that tokens alone can answer. What only types can answer is asked by the generated code.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Error, FnArg, GenericArgument, GenericParam, Ident, PatType, PathArguments, ReturnType, Safety, Type, TypeReference};

use crate::function::Function;
use crate::name;
use crate::written::written;

/// Every mistake in the signature. A method has to become another function first, so that is all that is said of one.
pub(crate) fn mistakes(function: &Function, name: &str) -> Vec<Error> {
    let mut errors = Rules { name, errors: Vec::new() };
    if let Some(receiver) = function.signature.receiver() {
        errors.must(
            receiver.self_token,
            "be a free function, without `self`; move it out of the `impl` and take what it needs as `&T`",
        );
        return errors.errors;
    }
    errors.of_qualifiers(function);
    errors.of_generics(function);
    for argument in &function.signature.inputs {
        if let FnArg::Typed(argument) = argument {
            errors.of_argument(argument);
        }
    }
    if let ReturnType::Type(_, ty) = &function.signature.output
        && let Type::Never(never) = &**ty
    {
        errors.must(never, "return; write `-> Result<(), E>`, or nothing for a check that can only panic");
    }
    errors.errors
}

/// The name of a check that gives none in its attribute.
pub(crate) fn mistake_in_default_name(ident: &Ident) -> Option<Error> {
    let name = ident.unraw().to_string();
    let mistake = name::mistake(&name)?;
    let near = name::near(&name, "orders-db");
    let message =
        format!("health check `{name}` must have another name, which must {mistake}; add `name = \"{near}\"` to the attribute");
    Some(Error::new(ident.span(), message))
}

struct Rules<'n> {
    name: &'n str,
    errors: Vec<Error>,
}

impl Rules<'_> {
    fn must(&mut self, at: impl ToTokens, rule: &str) {
        self.errors.push(Error::new_spanned(at, format!("health check `{}` must {rule}", self.name)));
    }

    fn of_qualifiers(&mut self, function: &Function) {
        let signature = &function.signature;
        if let Safety::Unsafe(keyword) = &signature.safety {
            self.must(keyword, "not be `unsafe`; nobody upholds what a caller would have to, so put an `unsafe` block inside it");
        }
        if let Some(abi) = &signature.abi {
            self.must(abi, "not be `extern`, or a panic in it would abort the process; drop the ABI");
        }
        if let Some(variadic) = &signature.variadic {
            self.must(variadic.dots, "not be variadic; take each value as `&T`");
        }
    }

    fn of_generics(&mut self, function: &Function) {
        for parameter in &function.signature.generics.params {
            match parameter {
                GenericParam::Lifetime(_) => {}
                GenericParam::Type(parameter) => {
                    self.must(&parameter.ident, "not be generic, since nothing says what to run it with; write the type out");
                }
                GenericParam::Const(parameter) => {
                    self.must(&parameter.ident, "not be generic, since nothing says what to run it with; write the value out");
                }
            }
        }
    }

    fn of_argument(&mut self, argument: &PatType) {
        let cfg =
            argument.attrs.iter().find(|attribute| attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr"));
        if let Some(cfg) = cfg {
            self.must(cfg, "not have `#[cfg]` on an argument; put it on the whole function, once for each case");
        }
        let ty = bare(&argument.ty);
        if let Some(keyword) = impl_keyword(ty.to_token_stream()) {
            self.must(keyword, "not take `impl Trait`, since state is found by its type; write `&dyn Trait` or the type");
        } else if let Some(reference) = reference(ty) {
            self.of_reference(reference);
        }
    }

    fn of_reference(&mut self, reference: &TypeReference) {
        if let Some(mutability) = &reference.mutability {
            let target = written(reference.elem.to_token_stream());
            let rule =
                format!("not take `&mut`, since runs share their state; write `&{target}`, with a `Mutex` or an atomic in it");
            self.must(mutability, &rule);
        } else if let Some(lifetime) = reference.lifetime.as_ref().filter(|lifetime| lifetime.ident == "static") {
            let target = written(reference.elem.to_token_stream());
            let rule = format!("not take `&'static`, since state lives as long as its `Health`; write `&{target}`");
            self.must(lifetime, &rule);
        }
    }
}

/// `&T`, also as the `&T` of `Option<&T>`.
fn reference(ty: &Type) -> Option<&TypeReference> {
    match ty {
        Type::Reference(reference) => Some(reference),
        Type::Path(path) => match &path.path.segments.last()?.arguments {
            PathArguments::AngleBracketed(arguments) if arguments.args.len() == 1 => match arguments.args.first()? {
                GenericArgument::Type(ty) => match bare(ty) {
                    Type::Reference(reference) if path.path.segments.last()?.ident == "Option" => Some(reference),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// Without parentheses and without the invisible group around a fragment of a `macro_rules!`.
fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Paren(inner) => bare(&inner.elem),
        Type::Group(inner) => bare(&inner.elem),
        ty => ty,
    }
}

/// The first `impl` of a type. It is a keyword, so it can stand for nothing else.
fn impl_keyword(tokens: TokenStream) -> Option<TokenTree> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(ref word) if word == "impl" => Some(token),
        TokenTree::Group(group) => impl_keyword(group.stream()),
        _ => None,
    })
}
