//! The `#[health_check]` attribute of [`health-runtime`](https://docs.rs/health-runtime), which re-exports it. Depend on that
//! crate: the two crates require the same version of each other.
//!
//! Data flows one way, and a module uses only modules below it:
//!
//! ```text
//! impl_block    an `impl` with methods that are checks → the tokens to emit, and every error
//! members         the members of the `impl`, with their attributes
//! attribute     both token streams → the tokens to emit, and every error
//! expand        Check → tokens; cannot fail
//! expand_values   values and constants → expressions
//! body          the error for a function without a body
//! check         Options + Function → Check
//! signature       the rules about signatures that can be checked on tokens
//! options       Args → Options: valid values, no conflicts
//! value           one value as its type     name_list   an array of names
//! constant        a path instead of a literal
//! args          the tokens in the parentheses → Args; collects every error
//! function      the annotated item; the body stays unparsed tokens
//! selector        `#[named(…)]` and `#[each]` on an argument
//! deprecated, docs, duration, key_value_form, keys, manifest, name, place, suggest, tokens, type_printer   used by those above
//! ```

mod args;
mod attribute;
mod body;
mod check;
mod constant;
mod deprecated;
mod docs;
mod duration;
mod expand;
mod expand_values;
mod function;
mod impl_block;
mod key_value_form;
mod keys;
mod manifest;
mod members;
mod name;
mod name_list;
mod options;
mod place;
mod selector;
mod signature;
mod suggest;
#[cfg(test)]
mod tests;
mod tokens;
mod type_printer;
mod value;

use proc_macro::TokenStream;

/// Registers a function as a health check at link time.
///
/// ```
/// use health_runtime::health_check;
/// # struct Pool;
/// # impl Pool {
/// #     async fn ping(&self) -> Result<(), std::io::Error> {
/// #         Ok(())
/// #     }
/// # }
///
/// /// The orders database answers a trivial query.
/// #[health_check(readiness, timeout = "500ms", tags = ["storage"])]
/// async fn database(pool: &Pool) -> Result<(), std::io::Error> {
///     pool.ping().await
/// }
/// ```
///
/// The function stays as written: it can be called and tested, and keeps its visibility, its docs and its other attributes
/// (`#[cfg]`, `#[tracing::instrument]`, …), which may be above or below this one.
///
/// # Kinds
///
/// One or more, at any position:
///
/// | kind | question | effect of a failure |
/// |---|---|---|
/// | `liveness` | is the process alive and making progress? | the process is restarted |
/// | `readiness` | can it serve requests now? | it receives no requests, and is not restarted |
/// | `startup` | has it finished initialising? | the other probes wait |
///
/// # Options
///
/// Each at most once, in any order:
///
/// | option | value | default | meaning |
/// |---|---|---|---|
/// | `name` | string literal | the function's name, without `r#` | name in responses and URLs: `[A-Za-z0-9][A-Za-z0-9_.-]*`, at most 63 bytes; unique in the process, ignoring ASCII case |
/// | `timeout` | duration, 1 ms to 1 h | `"750ms"` | maximum duration of one run |
/// | `critical` | `true` or `false` | `true` | with `false`, a failure makes the overall state degraded, never unhealthy; startup still waits for a first result. Not allowed with `liveness` |
/// | `cache` | duration, at most 24 h | `"1s"` | how long a result is reused; with `"0s"` each probe runs the check (still one run at a time) |
/// | `interval` | duration, 1 ms to 24 h | none | period of runs in the background; probes only read the result. Excludes `cache` |
/// | `failure_threshold` | integer, 1 to 4294967295 | `1` | consecutive failed runs before `up` changes to `down` |
/// | `success_threshold` | integer, 1 to 4294967295 | `1` | consecutive good runs before `down` changes to `up` |
/// | `grace` | duration, at most 24 h | none | failed runs keep the last status until this much time has passed since the last good run ended. Longer than `interval`, or than `cache` and `timeout` together; choose at least two periods of the probe. Excludes `failure_threshold` |
/// | `slow` | duration, below `timeout` | none | a good run that took longer is degraded, as in `slow: took 312ms` |
/// | `shared` | `true` or `false` | `false` | the dependency is one that all instances share: with `peers` on the builder, a failure that other instances have too makes this one degraded, not unhealthy. Adds the tag `shared`. Not allowed with `liveness` |
/// | `after` | array of string literals | `[]` | names of checks that must be up or degraded before this one runs; otherwise it is unknown, as in `skipped: database is down` |
/// | `quorum` | integer, 1 to 4294967295 | all | with `#[each]`: how many instances must be up or degraded for the check not to be unhealthy |
/// | `tags` | array of string literals | `[]` | groups that the check belongs to; each tag has the syntax of `name`, no duplicates |
/// | `description` | string literal, not empty | first paragraph of the doc comment, lines joined | human-readable text |
/// | `crate` | path | `::health_runtime` | path of the runtime crate if it is renamed or re-exported |
///
/// A *duration* is a string literal of one or more integers, each with a unit: `ns`, `us` (or `µs`), `ms`, `s`, `m`, `h`, as in
/// `"500ms"` or `"1m30s"`. The order is free, each unit may appear once, and spaces, signs and fractions are not allowed: for
/// `"1.5s"` write `"1s500ms"`.
///
/// For durations, integers, `critical` and `shared` the path of a `const` is possible instead of a literal: one of the type `Duration`, `u32`
/// or `bool`. The compiler checks its range.
///
/// ```
/// # use std::time::Duration;
/// # use health_runtime::health_check;
/// const DB_TIMEOUT: Duration = Duration::from_millis(500);
///
/// #[health_check(readiness, timeout = DB_TIMEOUT)]
/// async fn database() -> Result<(), std::io::Error> {
///     // The client has the same timeout.
///     # Ok(())
/// }
/// ```
///
/// Other expressions, such as `concat!(…)`, are not possible. Fragments of a `macro_rules!` are possible: `$limit:literal`,
/// `$name:expr` for a literal, `$limit:path`, `$runtime:path`, `$kind:ident`, `$($all:tt)*`.
///
/// `description` ignores docs that are not a literal, such as `#[doc = include_str!("…")]`.
///
/// # Arguments
///
/// State that is registered on the builder, found by type, in any number and order:
///
/// | argument | value |
/// |---|---|
/// | `&T` | borrowed state; `T` may be unsized, as in `&dyn Repo` with `trait Repo: Send + Sync`, `&str`, `&[u8]` |
/// | `Option<&T>` | borrowed state, or `None` if no `T` is registered |
/// | `web::Data<T>` | shared state, as in handlers of actix-web (feature `actix`) |
///
/// Several values of one type have names, from `named_state` on the builder:
///
/// | argument | value |
/// |---|---|
/// | `#[named("replica")] pool: &T` | the value with this name; also `Option<&T>` and `web::Data<T>` |
/// | `#[each] pool: &T` | each named value of the type, in an instance of the check |
///
/// A function with `#[each]`, at most one, is a check for each value: `fn shard` with values `eu` and `us` is `shard.eu` and
/// `shard.us`, both with the tag `shard`. The option `name` replaces `shard` in all of these. In the methods of the builder and in
/// configuration, `shard` is all instances and `shard.eu` is one. It is an error at the start if there is no named value of the type.
///
/// Without `quorum` each instance counts like any other check. With `quorum = k` they count together: healthy if
/// all are up; else degraded if at least `k` are up or degraded (for liveness also unknown); else unhealthy, or degraded with
/// `critical = false`. Only the instances in a response count for it, with `k` at most their number: `/readyz/shard.eu` is that
/// instance alone. A `k` above the number of values is an error at the start.
///
/// ```
/// # use health_runtime::health_check;
/// # struct Pool;
/// # impl Pool {
/// #     async fn ping(&self) -> Result<(), std::io::Error> {
/// #         Ok(())
/// #     }
/// # }
/// /// One of the replicas answers.
/// #[health_check(readiness, quorum = 1)]
/// async fn replica(#[each] pool: &Pool) -> Result<(), std::io::Error> {
///     pool.ping().await
/// }
///
/// #[health_check(readiness)]
/// async fn primary(#[named("primary")] pool: &Pool) -> Result<(), std::io::Error> {
///     pool.ping().await
/// }
/// ```
///
/// `T` is `Send + Sync + 'static`. Missing state is an error when the health checks are started, before any of them runs. A
/// check with the kind `liveness` takes only state that is `LivenessSafe`.
///
/// # Return types
///
/// A type that implements `IntoOutcome`: `()`, `Outcome`, `Details<T>`, or a `Result` of one of these whose error converts into
/// `Box<dyn Error + Send + Sync>`, such as `sqlx::Error`, `anyhow::Error`, `String` or `&str`. `impl IntoOutcome` and an error
/// that borrows from an argument are allowed. `bool` and `Option` are rejected, because they contain no reason for a failure.
///
/// # Functions
///
/// An `async fn` runs as a task, so its future must be `Send`. A plain `fn` may block: it runs on a dedicated thread.
///
/// The function is a free function, in a module or in the body of another function, or a method of an `impl` with
/// `#[health_checks]`. It has no type or const parameters
/// (lifetimes are allowed), no `impl Trait`, `&mut` or `&'static` among its arguments, is not `unsafe`, `extern` or variadic, and
/// does not return `!`. `#[cfg]` is allowed on the function, not on an argument.
///
/// # Errors
///
/// Every mistake is one compile error at its token, with what to write instead, and all mistakes of one attribute are reported
/// in one build. Rules about types are checked only if the signature is valid.
///
/// Some mistakes are two errors each: an associated function without `self` outside `#[health_checks]`, a plain `fn` without a body, a macro call as a
/// statement (their tokens are those of a free function, a foreign function and an item), and an argument of an `async fn` that
/// is not `Sync`.
///
/// A second `#[health_check]` on a function is recognised by its last path segment, so one that is imported under another name
/// is not detected.
#[proc_macro_attribute]
pub fn health_check(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let (mut tokens, errors) = attribute::health_check(arguments.into(), item.into());
    tokens.extend(errors.iter().map(syn::Error::to_compile_error));
    tokens.into()
}

/// Registers methods of a type as health checks: those with `#[health_check(…)]`, which has the same options as on a function.
///
/// `&self` is the state `&Repo`, which the builder got with `.state(repo)` or `.shared_state(repo)`. With `#[each] &self` the method is
/// a check for each named value. Methods without `self` are possible.
///
/// ```
/// use std::time::Duration;
/// use health_runtime::{health_check, health_checks};
///
/// struct Repo;
///
/// #[health_checks]
/// impl Repo {
///     const TIMEOUT: Duration = Duration::from_millis(300);
///
///     /// The repository answers.
///     #[health_check(readiness, name = "repo", timeout = Self::TIMEOUT)]
///     async fn ping(&self) -> Result<(), std::io::Error> {
///         # Ok(())
///     }
/// }
/// ```
///
/// The `impl` stays as written, without the attributes of its checks. The name of a check is that of its method: of two types with a
/// method `ping`, one needs `name = "…"`.
///
/// # Errors
///
/// An `impl` of a trait and a generic `impl` are rejected. A method takes `&self`, not `self`, `&mut self` or `self: Arc<Self>`.
/// `#[cfg(…)]` on the method or on the `impl` applies to the check too; `#[cfg_attr(…, health_check(…))]` is rejected.
///
/// `#[health_check]` is recognised by its last path segment, so one that is imported under another name is not.
#[proc_macro_attribute]
pub fn health_checks(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let (mut tokens, errors) = impl_block::health_checks(arguments.into(), item.into());
    tokens.extend(errors.iter().map(syn::Error::to_compile_error));
    tokens.into()
}

/// Emits the call of a deprecated function. Not public.
#[doc(hidden)]
#[proc_macro_derive(CallDeprecated, attributes(health_call))]
pub fn call_deprecated(item: TokenStream) -> TokenStream {
    deprecated::derive(item.into()).into()
}

/// Emits the code that parses a duration of the attribute. `health-runtime` uses it for configuration, so that both accept the
/// same texts. Not public.
#[doc(hidden)]
#[proc_macro]
pub fn duration_grammar(_: TokenStream) -> TokenStream {
    let code: TokenStream = include_str!("duration.rs").parse().unwrap_or_default();
    // Only a file may start with an inner attribute, here the three tokens of the line of docs.
    code.into_iter().skip(3).collect()
}
