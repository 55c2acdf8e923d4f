//! The `#[health_check]` attribute of [`health-runtime`](https://docs.rs/health-runtime), which re-exports it. Depend on that crate: this one is
//! only half of a whole, and the two are pinned to each other.
//!
//! Inside, data flows one way, and a module uses only those below it:
//!
//! ```text
//! attribute   both token streams → what is emitted, and every error
//! expand      Check → tokens; cannot fail
//! body        a function without one
//! check       Options + Function → Check
//! signature     every rule about signatures that tokens can answer
//! options     Args → Options: what excludes what
//! value         one value, as its type     names   an array of names
//! args        what stands in the parentheses → Args; collects every error
//! function    the annotated item; the body stays unparsed tokens
//! duration, name, docs, written, keys, suggest, spelling   one small language each
//! ```

mod args;
mod attribute;
mod body;
mod check;
mod docs;
mod duration;
mod expand;
mod function;
mod key_value_form;
mod keys;
mod name;
mod options;
mod signature;
mod suggest;
mod tags;
#[cfg(test)]
mod tests;
mod tokens;
mod type_printer;
mod value;

use proc_macro::TokenStream;

/// Makes a function a health check, found at link time wherever it stands.
///
/// ```text
/// /// The orders database answers a trivial query.
/// #[health_check(readiness, timeout = "500ms")]
/// async fn database(pool: &sqlx::SqlitePool) -> Result<(), sqlx::Error> {
///     sqlx::query("SELECT 1").execute(pool).await.map(drop)
/// }
/// ```
///
/// The function stays as it is written: it can be called and tested, and keeps its visibility, its docs and its other attributes
/// (`#[cfg]`, `#[tracing::instrument]`, …), which may stand above or below this one.
///
/// # Kinds
///
/// One or more, anywhere in the parentheses:
///
/// | kind | question | who fails it |
/// |---|---|---|
/// | `liveness` | is the process alive and turning? | is restarted |
/// | `readiness` | can it serve real traffic now? | is taken out of rotation, and not restarted |
/// | `startup` | has it finished initialising? | is waited for; the other probes hold off |
///
/// # Options
///
/// Each at most once, in any order:
///
/// | option | value | default | meaning |
/// |---|---|---|---|
/// | `name` | string literal | the function's name, without `r#` | stands in answers and URLs: `[A-Za-z0-9][A-Za-z0-9_.-]*`, at most 63 bytes; unique in the process, ignoring ASCII case |
/// | `timeout` | duration, 1 ms to 1 h | `"750ms"` | one run is cut off here |
/// | `critical` | `true` or `false` | `true` | `false`: a failure makes the whole degraded, never unhealthy; startup waits for a first result all the same. Refused on a check that is `liveness` |
/// | `cache` | duration, at most 24 h | `"1s"` | a result answers every probe for this long; with `"0s"` each probe runs the check (still one run at a time) |
/// | `interval` | duration, 1 ms to 24 h | none | run in the background this often; probes only read. Excludes `cache` |
/// | `failure_threshold` | integer from 1 to 4294967295 | `1` | this many failed runs in a row turn `up` to `down` |
/// | `success_threshold` | integer from 1 to 4294967295 | `1` | this many good runs in a row turn `down` to `up` |
/// | `tags` | array of string literals | `[]` | the groups that it belongs to; each obeys the grammar of `name`, and none stands twice |
/// | `description` | string literal, not empty | first paragraph of the doc comment | for people |
/// | `crate` | path | `::health_runtime` | where the runtime is, when it is renamed or re-exported |
///
/// A *duration* is a string literal with one or more integers, each with its unit: `ns`, `us` (or `µs`), `ms`, `s`, `m`, `h`, as in `"500ms"`
/// or `"1m30s"`. The order is free, each unit may stand once, and there are no spaces, signs or fractions: `"1.5s"` is `"1s500ms"`.
///
/// All values are read when the attribute expands, so a constant or a `concat!(…)` can't stand there. The fragments of a `macro_rules!` can:
/// `$limit:literal`, `$name:expr` for a literal, `$runtime:path`, `$kind:ident`, `$($all:tt)*`.
///
/// A description that comes from the doc comment is its first paragraph with the lines joined. Docs that are no literal, such as
/// `#[doc = include_str!("…")]`, are passed over.
///
/// # Arguments
///
/// State that the builder was given, found by type, in any number and order:
///
/// | argument | is |
/// |---|---|
/// | `&T` | borrowed state; `T` may be unsized, as in `&dyn Repo` with `trait Repo: Send + Sync`, `&str`, `&[u8]` |
/// | `Option<&T>` | the same, for state that may be missing |
/// | `web::Data<T>` | the same, as actix-web's handlers take it |
///
/// `T` is `Send + Sync + 'static`. State that is missing is found when the health checks are started, before any of them runs.
/// A check that is `liveness`, be it of other kinds too, takes only state that is `LivenessSafe`.
///
/// # Return types
///
/// Whatever is `IntoOutcome`: nothing, `Outcome`, `Details<T>`, or a `Result` of one of these whose error converts into
/// `Box<dyn Error + Send + Sync>`, such as `sqlx::Error`, `anyhow::Error`, `String` or `&str`. `impl IntoOutcome` is fine too, and so is
/// an error that borrows from an argument. `bool` and `Option` are refused: they say that a check failed, not why.
///
/// # Functions
///
/// An `async fn` becomes a task, so its future must be `Send`. A plain `fn` may block: it gets a thread of its own.
///
/// The function is a free one, in a module or in the body of another function. It has no type or const parameters (lifetimes are fine), no
/// `impl Trait` and no `&mut` among its arguments, is not `unsafe`, `extern` or variadic, and returns. `#[cfg]` belongs on the function, not on an
/// argument.
///
/// # Errors
///
/// Every mistake is one compile error at the token where it stands, with what to write instead, and all mistakes of one attribute are
/// reported in one build. Exceptions, each of two errors: an associated function without `self`, which nothing tells from a free one; a plain
/// `fn` without a body, which nothing tells from a foreign one; the call of a macro that is a statement, which nothing tells from one that is an
/// item; an argument of an `async fn` that can't be shared between threads. A rule that is about types is asked only of a function whose
/// signature is right.
///
/// A second `#[health_check]` on a function is known by its last path segment, so one that was imported under another name is not
/// seen.
#[proc_macro_attribute]
pub fn health_check(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let (mut tokens, errors) = attribute::health_check(arguments.into(), item.into());
    tokens.extend(errors.iter().map(syn::Error::to_compile_error));
    tokens.into()
}
