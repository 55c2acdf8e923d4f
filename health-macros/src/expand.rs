//! [`Check`] → tokens. The expansion cannot fail.

use std::time::Duration;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use crate::check::{Argument, Check, TypeSpan};
use crate::deprecated;
use crate::keys::Kind;
use crate::options::Options;

/// Every generated path starts at the runtime crate, so that a missing one is one error: the path of the macro.
///
/// The block that calls the function declares types and modules only, so that the function can have any name.
pub(crate) fn expand(check: &Check) -> TokenStream {
    let attributes = &check.attributes;
    let (private, import) = private_module(check);
    let code = if check.is_deprecated {
        deprecated::call_in_a_derive(&check.function, &run(check, &deprecated::placeholder()))
    } else {
        let run = run(check, &check.function);
        quote_spanned!(Span::mixed_site()=> enum __Check {} #run)
    };
    let descriptor = descriptor(check);
    quote_spanned! {Span::mixed_site()=>
        #private::move_the_health_check_out_of_the_impl! {
            #(#attributes)*
            {
                #import
                #code
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

/// Returns the block that calls `function`.
fn run(check: &Check, function: &Ident) -> TokenStream {
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
    quote_spanned!(span=> let #variable = #call.#method::<#ty>(#ty_text);)
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
    let count = |threshold| Literal::u32_unsuffixed(threshold).to_token_stream();
    let names = |names: &[String]| (!names.is_empty()).then(|| quote_spanned!(span=> &[#(#names),*]));
    let fields = [
        ("timeout", options.timeout.map(duration)),
        ("critical", options.critical.map(|critical| critical.to_token_stream())),
        ("cache", options.cache.map(duration)),
        ("interval", options.interval.map(duration).map(some)),
        ("failure_threshold", options.failure_threshold.map(count)),
        ("success_threshold", options.success_threshold.map(count)),
        ("grace", options.grace.map(duration).map(some)),
        ("slow", options.slow.map(duration).map(some)),
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

fn duration(value: Duration) -> TokenStream {
    let secs = Literal::u64_unsuffixed(value.as_secs());
    let nanos = Literal::u32_unsuffixed(value.subsec_nanos());
    quote_spanned!(Span::mixed_site()=> __health::Duration::new(#secs, #nanos))
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

/// Returns a span that resolves names as generated code does and is reported at `span`.
fn located(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}
