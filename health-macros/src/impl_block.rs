//! `#[health_checks]` on an `impl`: each method with `#[health_check]` becomes a check.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{Error, GenericParam, ItemImpl, Path};

use crate::attribute;
use crate::check;
use crate::function;
use crate::members::{self, Member};
use crate::place::{ImplBlock, Place};
use crate::suggest;
use crate::type_printer::print_type;

/// Returns the `impl` without the attributes of its checks, then the code that registers them.
pub(crate) fn health_checks(arguments: TokenStream, item: TokenStream) -> (TokenStream, Vec<Error>) {
    let mut errors = Vec::new();
    if !arguments.is_empty() {
        let message = "`health_checks` takes no arguments; write them in `#[health_check(…)]` on a method";
        errors.push(Error::new_spanned(arguments, message));
    }
    let mut tokens: Vec<TokenTree> = item.clone().into_iter().collect();
    let body = match tokens.pop() {
        Some(TokenTree::Group(body)) if body.delimiter() == Delimiter::Brace => body,
        _ => return reject_other(item, errors),
    };
    let head: TokenStream = tokens.into_iter().collect();
    let empty = Group::new(Delimiter::Brace, TokenStream::new());
    let Ok(block) = syn::parse2(quote_spanned!(body.span()=> #head #empty)) else {
        return reject_other(item, errors);
    };
    let problems = validate(&block);
    let is_accepted = problems.is_empty();
    errors.extend(problems);
    let block = ImplBlock {
        self_type: block.self_ty.to_token_stream(),
        attributes: block.attrs.iter().filter_map(check::forwarded_attribute).collect(),
    };
    let mut expanded = Expanded::default();
    for member in members::split(body.stream()) {
        expanded.add(member, &block, &mut errors);
    }
    if !expanded.has_attribute {
        let message = "`#[health_checks]` must be on an `impl` that has a method with `#[health_check]`; add it to one";
        errors.push(Error::new(Span::call_site(), message));
    }
    let mut members = Group::new(Delimiter::Brace, expanded.members);
    members.set_span(body.span());
    let code = if is_accepted { expanded.code } else { TokenStream::new() };
    let imports = expanded.imports.iter().map(|path| import(path, &block));
    (quote_spanned!(Span::mixed_site()=> #head #members #(#imports)* #code), errors)
}

fn reject_other(item: TokenStream, mut errors: Vec<Error>) -> (TokenStream, Vec<Error>) {
    if let Some((keyword, name)) = function::describe(item.clone()) {
        let name = name.map(|name| format!(" {name}")).unwrap_or_default();
        let remedy =
            if keyword == "fn" { "write `#[health_check(…)]` on a function" } else { "put it on the `impl` of a type" };
        errors.push(Error::new(
            keyword.span(),
            format!("`#[health_checks]` must be on an `impl`, not `{keyword}{name}`; {remedy}"),
        ));
    }
    (item, errors)
}

fn validate(block: &ItemImpl) -> Vec<Error> {
    let self_type = print_type(block.self_ty.to_token_stream());
    if let Some((path, _)) = &block.trait_ {
        let message = format!("`#[health_checks]` must be on an `impl` without a trait; move the checks to `impl {self_type}`");
        return vec![Error::new_spanned(path, message)];
    }
    let generic = |parameter: &GenericParam| {
        let (ident, remedy) = match parameter {
            GenericParam::Lifetime(parameter) => (parameter.lifetime.to_token_stream(), "write `'_`"),
            GenericParam::Type(parameter) => (parameter.ident.to_token_stream(), "write the type out"),
            GenericParam::Const(parameter) => (parameter.ident.to_token_stream(), "write the value out"),
        };
        let name = print_type(ident.clone());
        let message =
            format!("`#[health_checks]` must be on an `impl` that is not generic, since no caller chooses `{name}`; {remedy}");
        Error::new_spanned(ident, message)
    };
    block.generics.params.iter().map(generic).collect()
}

/// The members of the `impl`, and what their checks need behind it.
#[derive(Default)]
struct Expanded {
    members: TokenStream,
    code: TokenStream,
    /// The paths of the attributes, each once.
    imports: Vec<Path>,
    /// Whether a method has the attribute, or one that was probably meant.
    has_attribute: bool,
}

impl Expanded {
    fn add(&mut self, member: Member, block: &ImplBlock, errors: &mut Vec<Error>) {
        let Member { attribute, others, tokens } = member;
        let is_similar = |name: &String| suggest::nearest(name, ["health_check"]).is_some();
        self.has_attribute |= attribute.is_some() || others.iter().any(is_similar);
        let Some(attribute) = attribute else {
            return self.members.extend(tokens);
        };
        if let Some(condition) = attribute.in_cfg_attr {
            let message = "`health_check` must not be in a `cfg_attr` inside `#[health_checks]`; write `#[cfg(…)]` and `#[health_check(…)]` on the method";
            errors.push(Error::new(condition, message));
            return self.members.extend(tokens);
        }
        if !self.imports.iter().any(|path| same_path(path, &attribute.path)) {
            self.imports.push(attribute.path);
        }
        let place = Place { attribute: attribute.span, block: Some(block) };
        let arguments = attribute.arguments.map_err(|error| errors.push(error));
        let (tokens, code) = attribute::expand(arguments.ok(), tokens, &place, errors);
        self.members.extend(tokens);
        self.code.extend(code);
    }
}

fn same_path(a: &Path, b: &Path) -> bool {
    a.to_token_stream().to_string() == b.to_token_stream().to_string()
}

/// Uses the import of the attribute, which the compiler no longer finds on the methods.
fn import(path: &Path, block: &ImplBlock) -> TokenStream {
    let attributes = &block.attributes;
    let last = path.segments.last().map_or_else(Span::call_site, |last| last.ident.span());
    let import = quote_spanned!(Span::mixed_site().located_at(last)=> use #path as _;);
    quote_spanned!(Span::mixed_site()=> #(#attributes)* const _: () = { #import };)
}
