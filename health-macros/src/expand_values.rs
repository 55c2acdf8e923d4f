//! The values of options → expressions. A constant becomes an associated constant of the generated type, and an item that checks
//! its value.

use std::time::Duration;

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::quote_spanned;

use crate::check::{Check, replace_self};
use crate::constant::{Constant, Rule, Value};
use crate::tokens::located;

/// Returns the expression of a value: the literal, or the associated constant that [`declare_constants`] declares.
pub(crate) fn value<T>(option: &str, value: Option<&Value<T>>, literal: impl Fn(&T) -> TokenStream) -> Option<TokenStream> {
    value.map(|value| match value {
        Value::Literal(value) => literal(value),
        Value::Constant(_) => name(option, Span::mixed_site()),
    })
}

pub(crate) fn duration(value: &Duration) -> TokenStream {
    let secs = Literal::u64_unsuffixed(value.as_secs());
    let nanos = Literal::u32_unsuffixed(value.subsec_nanos());
    quote_spanned!(Span::mixed_site()=> __health::Duration::new(#secs, #nanos))
}

/// Declares each constant once, and checks each value in its own item, so that the compiler reports every mistake.
pub(crate) fn declare_constants(check: &Check) -> TokenStream {
    let options = &check.options;
    let constants = [
        constant("timeout", options.timeout.as_ref()),
        constant("critical", options.critical.as_ref()),
        constant("cache", options.cache.as_ref()),
        constant("interval", options.interval.as_ref()),
        constant("failure_threshold", options.failure_threshold.as_ref()),
        constant("success_threshold", options.success_threshold.as_ref()),
        constant("grace", options.grace.as_ref()),
        constant("slow", options.slow.as_ref()),
        constant("shared", options.shared.as_ref()),
        constant("quorum", options.quorum.as_ref()),
    ];
    constants.into_iter().flatten().map(|(option, constant)| declare(check, option, constant)).collect()
}

/// Returns the spans of the first and the last token, where the compiler reports an error about them.
fn ends(tokens: &TokenStream) -> (Span, Span) {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let span = |token: Option<&TokenTree>| located(token.map_or_else(Span::call_site, TokenTree::span));
    (span(tokens.first()), span(tokens.last()))
}

/// Every token has the span of the path, where the compiler then reports an error about the constant.
fn declare(check: &Check, option: &str, constant: &Constant) -> TokenStream {
    let Constant { path, rule, problem } = constant;
    let (first, last) = ends(path);
    let value = name(option, first);
    let constant = Ident::new(&option.to_uppercase(), first);
    let (ty, must_be, holds) = match rule {
        Rule::Any => (quote_spanned!(first=> bool), "must_be_a_const_bool", None),
        Rule::IsTrue => (quote_spanned!(first=> bool), "must_be_a_const_bool", Some(value)),
        Rule::AtLeastOne => (quote_spanned!(first=> u32), "must_be_a_const_u32", Some(quote_spanned!(first=> #value > 0))),
        Rule::Within(range) => {
            let (min, max) = (duration(range.start()), duration(range.end()));
            let holds = quote_spanned!(first=> __health::is_within(#value, #min, #max));
            (quote_spanned!(first=> Duration), "must_be_a_const_duration", Some(holds))
        }
        Rule::Above(min, max) => {
            let (min, max) = (duration(min), duration(max));
            let holds = quote_spanned!(first=> __health::is_within(#value, #min, #max) && __health::is_below(#min, #value));
            (quote_spanned!(first=> Duration), "must_be_a_const_duration", Some(holds))
        }
        Rule::Below(limit) => {
            let limit = match &**limit {
                Value::Literal(limit) => duration(limit),
                Value::Constant(_) => name("timeout", first),
            };
            let holds = quote_spanned!(first=> __health::is_below(#value, #limit));
            (quote_spanned!(first=> Duration), "must_be_a_const_duration", Some(holds))
        }
    };
    let must_be = Ident::new(must_be, first);
    // With the span of the path itself the error covers all of it.
    let start = path.clone().into_iter().next().map_or_else(Span::call_site, |token| token.span());
    let (reference, path) = (quote_spanned!(start=> &), replace_self(path.clone(), check.self_type.as_ref()));
    let arguments = quote_spanned!(last=> (#reference #path));
    let check = holds.map(|holds| {
        let arguments = quote_spanned!(last=> (#holds, #problem));
        quote_spanned!(first=> const _: () = __health::require #arguments;)
    });
    quote_spanned!(first=> impl __Check { const #constant: __health::#ty = __health::#must_be #arguments; } #check)
}

fn constant<'o, T>(option: &'static str, value: Option<&'o Value<T>>) -> Option<(&'static str, &'o Constant)> {
    if let Some(Value::Constant(constant)) = value { Some((option, constant)) } else { None }
}

/// Returns the path of the associated constant of an option.
fn name(option: &str, span: Span) -> TokenStream {
    let name = Ident::new(&option.to_uppercase(), span);
    quote_spanned!(span=> __Check::#name)
}
