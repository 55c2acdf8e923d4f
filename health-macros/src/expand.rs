//! [`Check`] → tokens. It cannot fail.

use std::time::Duration;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use crate::check::{Argument, Check, Extent};
use crate::keys::Kind;

/// Every generated path starts at the one `use`, so that a runtime that is not there is one error.
pub(crate) fn expand(check: &Check) -> TokenStream {
    let attributes = &check.attributes;
    let import = import(check);
    let run = run(check);
    let descriptor = descriptor(check);
    quote_spanned! {Span::mixed_site()=>
        #(#attributes)*
        const _: () = {
            #import
            #run
            __health::inventory::submit! { #descriptor }
        };
    }
}

fn import(check: &Check) -> TokenStream {
    match &check.runtime {
        None => quote_spanned!(Span::mixed_site()=> use ::health_runtime::__private as __health;),
        Some(path) => {
            // A path that leads elsewhere is reported at its last segment: all tokens must be of one origin for that.
            let span = path.segments.last().map_or_else(|| path.span(), |last| last.ident.span());
            quote_spanned!(span=> use #path::__private as __health;)
        }
    }
}

fn run(check: &Check) -> TokenStream {
    let span = Span::mixed_site();
    let call = Ident::new("__call", span);
    let variables: Vec<Ident> = (0..check.arguments.len()).map(|index| Ident::new(&format!("__a{index}"), span)).collect();
    let bindings = check.arguments.iter().zip(&variables).map(|(argument, variable)| binding(check, argument, &call, variable));
    let function = &check.function;
    let called = quote_spanned!(span=> #function(#(#variables?),*));
    let (signature, result) = if check.is_async {
        let signature = quote_spanned! {span=>
            fn __health_run<'c>(#call: &mut __health::ArgumentResolver<'c>) -> __health::Option<__health::CheckFuture<'c>>
        };
        (signature, async_result(check, &called))
    } else {
        let signature = quote_spanned!(span=> fn __health_run(#call: &mut __health::ArgumentResolver<'_>) -> __health::Option<__health::Outcome>);
        (signature, blocking_result(check, &called))
    };
    quote_spanned! {span=>
        #signature {
            #(#bindings)*
            #call.proceed()?;
            __health::Option::Some(#result)
        }
    }
}

/// All of it stands at the argument's type, so that an error about the type does too.
fn binding(check: &Check, argument: &Argument, call: &Ident, variable: &Ident) -> TokenStream {
    let span = at(argument.ty.first);
    let method = if check.options.kinds.contains(&Kind::Liveness) { "liveness_argument" } else { "argument" };
    let method = Ident::new(method, span);
    let ty = inferred(argument.ty);
    let written = Literal::string(&argument.written);
    quote_spanned!(span=> let #variable = #call.#method::<#ty>(#written);)
}

fn async_result(check: &Check, called: &TokenStream) -> TokenStream {
    let returned = returned(check);
    // The place of the function's name, where a future that is not `Send` is reported.
    let future = quote_spanned!(at(check.function.span())=> _);
    quote_spanned!(Span::mixed_site()=> __health::must_be_send_and_return_an_outcome::<#returned, #future>(#called))
}

fn blocking_result(check: &Check, called: &TokenStream) -> TokenStream {
    let returned = returned(check);
    quote_spanned!(Span::mixed_site()=> __health::must_return_an_outcome::<#returned>(#called))
}

fn returned(check: &Check) -> TokenStream {
    match check.returned {
        None => quote_spanned!(Span::mixed_site()=> ()),
        Some(ty) => inferred(ty),
    }
}

/// The compiler knows the type from the function. To name it again would report every mistake in it twice, and raise lints
/// that its author allowed.
fn inferred(ty: Extent) -> TokenStream {
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
    let place = place(check);
    let run = if check.is_async { quote_spanned!(span=> Async) } else { quote_spanned!(span=> Blocking) };
    let usual = quote_spanned! {span=>
        __health::Descriptor::new(#name, &[#(#kinds),*], #place, __health::CheckFn::#run(__health_run))
    };
    let fields = fields(check);
    if fields.is_empty() {
        return usual;
    }
    quote_spanned!(span=> __health::Descriptor { #fields ..#usual })
}

/// The options that were given, each with its comma.
fn fields(check: &Check) -> TokenStream {
    let span = Span::mixed_site();
    let options = &check.options;
    let mut fields = TokenStream::new();
    let mut field = |name: &str, value: TokenStream| {
        let name = Ident::new(name, span);
        fields.extend(quote_spanned!(span=> #name: #value,));
    };
    if let Some(timeout) = options.timeout {
        field("timeout", duration(timeout));
    }
    if let Some(critical) = options.critical {
        field("critical", critical.to_token_stream());
    }
    if let Some(cache) = options.cache {
        field("cache", duration(cache));
    }
    if let Some(interval) = options.interval {
        let interval = duration(interval);
        field("interval", quote_spanned!(span=> __health::Option::Some(#interval)));
    }
    if let Some(threshold) = options.failure_threshold {
        field("failure_threshold", Literal::u32_unsuffixed(threshold).to_token_stream());
    }
    if let Some(threshold) = options.success_threshold {
        field("success_threshold", Literal::u32_unsuffixed(threshold).to_token_stream());
    }
    if !options.tags.is_empty() {
        let tags = &options.tags;
        field("tags", quote_spanned!(span=> &[#(#tags),*]));
    }
    if let Some(description) = &options.description {
        field("description", quote_spanned!(span=> __health::Option::Some(#description)));
    }
    fields
}

fn duration(value: Duration) -> TokenStream {
    let secs = Literal::u64_unsuffixed(value.as_secs());
    let nanos = Literal::u32_unsuffixed(value.subsec_nanos());
    quote_spanned!(Span::mixed_site()=> __health::Duration::new(#secs, #nanos))
}

/// `line!()` gives the line of its own outermost expansion, which would be the attribute's: these tokens must carry the
/// very span of the function's name.
fn place(check: &Check) -> TokenStream {
    let here = quote_spanned! {check.function.span()=>
        file: __health::core::file!(),
        line: __health::core::line!(),
        column: __health::core::column!(),
        module: __health::core::module_path!(),
    };
    quote_spanned!(Span::mixed_site()=> __health::SourceLocation { #here })
}

/// Resolved as generated code, reported at `span`.
fn at(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}
