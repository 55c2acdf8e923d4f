//! [`Check`] → tokens. The expansion cannot fail.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use crate::check::{Argument, Check, TypeSpan};
use crate::deprecated;
use crate::expand_values::{self, duration, value};
use crate::keys::Kind;
use crate::options::Options;
use crate::selector::Selector;
use crate::tokens::located;

/// Every generated path starts at the runtime crate, so that a missing one is one error: the path of the macro.
///
/// The block that calls the function declares types and modules only, so that the function can have any name.
pub(crate) fn expand(check: &Check) -> TokenStream {
    let (attributes, names) = (&check.attributes, &check.argument_names);
    let (private, import) = private_module(check);
    let code = if check.is_deprecated {
        deprecated::call_in_a_derive(&function_path(check), &run(check, &deprecated::placeholder()))
    } else {
        let run = run(check, &function_path(check));
        quote_spanned!(Span::mixed_site()=> enum __Check {} #run)
    };
    let (constants, descriptor) = (expand_values::declare_constants(check), descriptor(check));
    quote_spanned! {Span::mixed_site()=>
        #private::put_health_checks_on_the_impl! {
            #(#attributes)*
            {
                #import
                #code
                #constants
                __health::complete! { #(#names)* }
                __health::register! { #descriptor }
            }
        }
    }
}

/// Returns the path of the hidden module of the runtime crate, and the import that gives it a short name.
fn private_module(check: &Check) -> (TokenStream, TokenStream) {
    // With the span of the last segment, the error for a wrong path is at that segment.
    let (path, span) = match &check.runtime {
        None => (quote_spanned!(Span::mixed_site()=> ::health_runtime), Span::mixed_site()),
        Some(path) => (path.to_token_stream(), path.segments.last().map_or_else(|| path.span(), |last| last.ident.span())),
    };
    (quote_spanned!(span=> #path::__private), quote_spanned!(span=> use #path::__private as __health;))
}

fn function_path(check: &Check) -> TokenStream {
    let function = &check.function;
    match &check.self_type {
        None => function.to_token_stream(),
        Some(self_type) => quote_spanned!(Span::mixed_site()=> <#self_type>::#function),
    }
}

/// Returns the block that calls `function`.
fn run(check: &Check, function: &TokenStream) -> TokenStream {
    let span = Span::mixed_site();
    let call = Ident::new("__call", span);
    let variables: Vec<Ident> = (0..check.arguments.len()).map(|index| Ident::new(&format!("__a{index}"), span)).collect();
    let bindings = check.arguments.iter().zip(&variables).map(|(argument, variable)| binding(check, argument, &call, variable));
    let return_type = check.return_type.map_or_else(|| quote_spanned!(span=> ()), inferred);
    let called = quote_spanned!(span=> #function(#(#variables?),*));
    let (signature, result) = if check.is_async {
        let signature = quote_spanned! {span=>
            fn run<'c>(#call: &mut __health::ArgumentResolver<'c>) -> __health::Option<__health::CheckFuture<'c>>
        };
        // At the function's name, where the compiler reports a future that is not `Send`.
        let future = quote_spanned!(located(check.function.span())=> _);
        (signature, quote_spanned!(span=> __health::must_be_send_and_return_an_outcome::<#return_type, #future>(#called)))
    } else {
        let signature =
            quote_spanned!(span=> fn run(#call: &mut __health::ArgumentResolver<'_>) -> __health::Option<__health::Outcome>);
        (signature, quote_spanned!(span=> __health::must_return_an_outcome::<#return_type>(#called)))
    };
    quote_spanned! {span=>
        impl __Check {
            #signature {
                #(#bindings)*
                #call.proceed()?;
                __health::Option::Some(#result)
            }
        }
    }
}

/// Every token has the span of the argument's type, where the compiler then reports an error about the type.
fn binding(check: &Check, argument: &Argument, call: &Ident, variable: &Ident) -> TokenStream {
    let span = located(argument.span.first);
    let method = if check.options.kinds.contains(&Kind::Liveness) { "liveness_argument" } else { "argument" };
    let method = Ident::new(method, span);
    let ty = inferred(argument.span);
    let ty_text = Literal::string(&argument.ty);
    let selected = match &argument.selector {
        Selector::Unnamed => None,
        Selector::Named(name) => Some(quote_spanned!(span=> .named(#name))),
        Selector::Each => Some(quote_spanned!(span=> .each())),
    };
    quote_spanned!(span=> let #variable = #call #selected.#method::<#ty>(#ty_text);)
}

/// Lets the compiler infer the type from the function. Repeating the type would report each error in it twice, and lints that
/// its author allowed.
fn inferred(ty: TypeSpan) -> TokenStream {
    let start = quote_spanned!(ty.first=> __health::Inferred<_);
    let end = quote_spanned!(ty.last=> >);
    quote!(#start #end)
}

fn descriptor(check: &Check) -> TokenStream {
    let span = Span::mixed_site();
    let name = &check.name;
    let kinds = check.options.kinds.iter().map(|kind| match kind {
        Kind::Liveness => quote_spanned!(span=> __health::Kind::Liveness),
        Kind::Readiness => quote_spanned!(span=> __health::Kind::Readiness),
        Kind::Startup => quote_spanned!(span=> __health::Kind::Startup),
    });
    let location = source_location(check);
    let run = if check.is_async { quote_spanned!(span=> Async) } else { quote_spanned!(span=> Blocking) };
    let default_descriptor = quote_spanned! {span=>
        __health::Descriptor::new(#name, &[#(#kinds),*], #location, __health::CheckFn::#run(__Check::run))
    };
    let fields = fields(&check.options);
    if fields.is_empty() {
        return default_descriptor;
    }
    quote_spanned!(span=> __health::Descriptor { #fields ..#default_descriptor })
}

/// Returns the fields that differ from the default, each with its comma.
fn fields(options: &Options) -> TokenStream {
    let span = Span::mixed_site();
    let some = |value: TokenStream| quote_spanned!(span=> __health::Option::Some(#value));
    let count = |threshold: &u32| Literal::u32_unsuffixed(*threshold).to_token_stream();
    let names = |names: &[String]| (!names.is_empty()).then(|| quote_spanned!(span=> &[#(#names),*]));
    let fields = [
        ("timeout", value("timeout", options.timeout.as_ref(), duration)),
        ("critical", value("critical", options.critical.as_ref(), ToTokens::to_token_stream)),
        ("cache", value("cache", options.cache.as_ref(), duration)),
        ("interval", value("interval", options.interval.as_ref(), duration).map(some)),
        ("failure_threshold", value("failure_threshold", options.failure_threshold.as_ref(), count)),
        ("success_threshold", value("success_threshold", options.success_threshold.as_ref(), count)),
        ("grace", value("grace", options.grace.as_ref(), duration).map(some)),
        ("slow", value("slow", options.slow.as_ref(), duration).map(some)),
        ("shared", value("shared", options.shared.as_ref(), ToTokens::to_token_stream)),
        ("quorum", value("quorum", options.quorum.as_ref(), count).map(some)),
        ("after", names(&options.after)),
        ("tags", names(&options.tags)),
        ("description", options.description.as_ref().map(|text| some(text.to_token_stream()))),
    ];
    let field = |(name, value): (&str, Option<TokenStream>)| {
        let name = Ident::new(name, span);
        value.map(|value| quote_spanned!(span=> #name: #value,))
    };
    fields.into_iter().filter_map(field).collect()
}

/// `line!()` returns the line of the outermost expansion that it comes from, which would be the line of the attribute. With the
/// span of the function's name it is the line of the function.
fn source_location(check: &Check) -> TokenStream {
    let here = quote_spanned! {check.function.span()=>
        file: __health::core::file!(),
        line: __health::core::line!(),
        column: __health::core::column!(),
        module: __health::core::module_path!(),
        under_test: __health::core::cfg!(test),
    };
    quote_spanned!(Span::mixed_site()=> __health::SourceLocation { #here })
}
