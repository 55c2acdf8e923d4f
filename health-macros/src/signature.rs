//! The rules about signatures that can be checked on tokens. The generated code checks the rules about types.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{
    Attribute, Error, FnArg, GenericArgument, GenericParam, Ident, Lifetime, PatType, PathArguments, Receiver, ReceiverKind,
    ReturnType, Safety, Signature, Type, TypeReference,
};

use crate::function::{self, Function};
use crate::name;
use crate::place::Place;
use crate::selector;
use crate::type_printer::print_type;

/// Returns every mistake in the signature. A method outside `#[health_checks]` has only the error about `self`.
pub(crate) fn validate(function: &Function, name: &str, place: &Place<'_>) -> Vec<Error> {
    let mut checker = SignatureChecker { name, errors: Vec::new() };
    if let Some(receiver) = function.signature.receiver() {
        if place.block.is_none() {
            let rule =
                "be a free function, or a method of a type; put `#[health_checks]` on the `impl`, or take `&T` instead of `self`";
            checker.reject(receiver.self_token, rule);
            return checker.errors;
        }
        checker.check_receiver(receiver);
    }
    checker.check_qualifiers(&function.signature);
    checker.check_generics(&function.signature);
    function.signature.inputs.iter().for_each(|argument| checker.check_cfg(function::attributes(argument)));
    function.arguments().for_each(|argument| checker.check_argument(argument));
    checker.check_each(function);
    if let ReturnType::Type(_, ty) = &function.signature.output
        && let Type::Never(never) = &**ty
    {
        checker.reject(never, "return; write `-> Result<(), E>`, or nothing for a check that can only panic");
    }
    checker.errors
}

/// Checks the name of a function whose attribute has no `name`.
pub(crate) fn validate_default_name(ident: &Ident) -> Result<(), Error> {
    let name = ident.unraw().to_string();
    name::validate(&name).map_err(|rule| {
        let valid = name::suggest_valid(&name, "orders-db");
        let message =
            format!("health check `{name}` must have another name, which must {rule}; add `name = \"{valid}\"` to the attribute");
        Error::new(ident.span(), message)
    })
}

struct SignatureChecker<'n> {
    name: &'n str,
    errors: Vec<Error>,
}

impl SignatureChecker<'_> {
    fn reject(&mut self, at: impl ToTokens, rule: &str) {
        self.errors.push(Error::new_spanned(at, format!("health check `{}` must {rule}", self.name)));
    }

    fn check_qualifiers(&mut self, signature: &Signature) {
        if let Safety::Unsafe(keyword) = &signature.safety {
            self.reject(keyword, "not be `unsafe`, since its caller is generated code; put an `unsafe` block inside it");
        }
        if let Some(abi) = &signature.abi {
            self.reject(abi, "not be `extern`, or a panic in it would abort the process; drop the ABI");
        }
        if let Some(variadic) = &signature.variadic {
            self.reject(variadic.dots, "not be variadic; take each value as `&T`");
        }
    }

    fn check_generics(&mut self, signature: &Signature) {
        for parameter in &signature.generics.params {
            let (ident, replacement) = match parameter {
                GenericParam::Lifetime(_) => continue,
                GenericParam::Type(parameter) => (&parameter.ident, "type"),
                GenericParam::Const(parameter) => (&parameter.ident, "value"),
            };
            self.reject(ident, &format!("not be generic, since no caller chooses `{ident}`; write the {replacement} out"));
        }
    }

    fn check_receiver(&mut self, receiver: &Receiver) {
        match &receiver.kind {
            ReceiverKind::Reference(_, _, Some(mutability)) => self.reject(
                mutability,
                "not take `&mut self`, since runs share their state; write `&self`, with a `Mutex` or an atomic in it",
            ),
            ReceiverKind::Reference(_, lifetime, None) => self.check_lifetime(lifetime.as_ref(), "self"),
            ReceiverKind::Typed(_, ty) => match without_parens(ty) {
                Type::Reference(reference) if is_self(&reference.elem) => self.check_reference(reference),
                ty => {
                    let written = print_type(ty.to_token_stream());
                    self.reject(ty, &format!("take `&self`, not `self: {written}`, since runs share their state; write `&self`"));
                }
            },
            _ => self.reject(receiver.self_token, "take `&self`, not `self`, since runs share their state; write `&self`"),
        }
    }

    fn check_cfg(&mut self, attributes: &[Attribute]) {
        let is_cfg = |attribute: &&Attribute| attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr");
        if let Some(cfg) = attributes.iter().find(is_cfg) {
            self.reject(cfg, "not have `#[cfg]` on an argument; put it on the function, once for each case");
        }
    }

    fn check_argument(&mut self, argument: &PatType) {
        let ty = without_parens(&argument.ty);
        if let Some(keyword) = impl_keyword(ty.to_token_stream()) {
            self.reject(keyword, "not take `impl Trait`, since state is found by its type; write `&dyn Trait` or the type");
        } else if let Some(reference) = reference(ty) {
            self.check_reference(reference);
        }
    }

    fn check_each(&mut self, function: &Function) {
        let of_each = |argument| Some((argument, selector::each(function::attributes(argument))?));
        for (index, (argument, each)) in function.signature.inputs.iter().filter_map(of_each).enumerate() {
            if let FnArg::Typed(argument) = argument
                && let Some(target) = optional(&argument.ty)
            {
                let target = print_type(target.to_token_stream());
                let remedy = format!("write `{target}`, and leave the check out with `without` where there is no value");
                self.reject(
                    &argument.ty,
                    &format!("not be optional for each value, since it has an instance for each; {remedy}"),
                );
            }
            if index > 0 {
                self.reject(each, "have one `#[each]`, which names its instances; take the other value as `#[named(\"…\")]`");
            }
        }
    }

    fn check_reference(&mut self, reference: &TypeReference) {
        let target = print_type(reference.elem.to_token_stream());
        if let Some(mutability) = &reference.mutability {
            let rule =
                format!("not take `&mut`, since runs share their state; write `&{target}`, with a `Mutex` or an atomic in it");
            self.reject(mutability, &rule);
        } else {
            self.check_lifetime(reference.lifetime.as_ref(), &target);
        }
    }

    fn check_lifetime(&mut self, lifetime: Option<&Lifetime>, target: &str) {
        if let Some(lifetime) = lifetime.filter(|lifetime| lifetime.ident == "static") {
            let rule = format!("not take `&'static`, since state lives as long as its `Health`; write `&{target}`");
            self.reject(lifetime, &rule);
        }
    }
}

/// Returns the reference in `&T` or `Option<&T>`.
fn reference(ty: &Type) -> Option<&TypeReference> {
    if let Type::Reference(reference) = optional(ty).unwrap_or(ty) { Some(reference) } else { None }
}

/// Returns the type in `Option<T>`.
fn optional(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = without_parens(ty) else {
        return None;
    };
    let option = path.path.segments.last().filter(|segment| segment.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &option.arguments else {
        return None;
    };
    if let GenericArgument::Type(ty) = arguments.args.first()? { Some(without_parens(ty)) } else { None }
}

fn is_self(ty: &Type) -> bool {
    matches!(without_parens(ty), Type::Path(path) if path.path.is_ident("Self"))
}

/// Removes parentheses and the invisible group around a fragment of a `macro_rules!`.
fn without_parens(ty: &Type) -> &Type {
    match ty {
        Type::Paren(inner) => without_parens(&inner.elem),
        Type::Group(inner) => without_parens(&inner.elem),
        ty => ty,
    }
}

/// Returns the first `impl` in a type. It is a keyword, so it cannot mean anything else.
fn impl_keyword(tokens: TokenStream) -> Option<TokenTree> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(ref ident) if ident == "impl" => Some(token),
        TokenTree::Group(group) => impl_keyword(group.stream()),
        _ => None,
    })
}
