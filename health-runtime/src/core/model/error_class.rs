//! The summary of an error: a public class that is safe to show, and the masked text of the error chain.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::Write;
use std::io;
use std::iter;
use std::sync::Arc;

use crate::text::truncate::{MAX_MASKED_INPUT, truncate_and_mask};

/// The maximum number of errors in a chain. It ends a chain that leads back to itself.
const MAX_CAUSES: usize = 64;

/// What is kept of an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ErrorSummary {
    /// Safe to show: a phrase from a fixed list, or a text of the check's author, masked.
    pub(crate) public: Cow<'static, str>,
    /// The text of the error and its causes, masked.
    pub(crate) masked_chain: String,
}

impl ErrorSummary {
    pub(crate) fn from_error(error: &(dyn Error + 'static)) -> Self {
        let class = chain(error).find_map(io_class).or_else(|| os_class(&display_lossy(error)));
        let public = class.map_or(Cow::Borrowed("check failed"), Cow::Owned);
        let text = chain_text(error);
        let masked_chain = if text.is_empty() { public.clone().into_owned() } else { truncate_and_mask(&text) };
        Self { public, masked_chain }
    }

    /// Creates a summary with this public text, which also precedes the error chain.
    pub(crate) fn with_prefix(public: String, error: &(dyn Error + 'static)) -> Self {
        let masked_chain = format!("{public}: {}", truncate_and_mask(&chain_text(error)));
        Self { public: Cow::Owned(public), masked_chain }
    }
}

/// Returns the error and its causes.
pub(crate) fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    iter::successors(Some(error), |error| next_cause(*error)).take(MAX_CAUSES)
}

/// Returns the cause of an error. `io::Error::source` skips the error that it wraps, and so does `source` of an `Arc`, in which
/// redis keeps its causes; these two are unwrapped first.
fn next_cause<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    if let Some(wrapped) = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped)
    } else if let Some(shared) = error.downcast_ref::<Arc<dyn Error + Send + Sync>>() {
        Some(&**shared)
    } else {
        error.source()
    }
}

fn io_class(error: &(dyn Error + 'static)) -> Option<String> {
    let kind = error.downcast_ref::<io::Error>()?.kind();
    // `Uncategorized` is not nameable in stable Rust.
    let is_unspecific = kind == io::ErrorKind::Other || format!("{kind:?}") == "Uncategorized";
    (!is_unspecific).then(|| kind.to_string())
}

/// Returns the class of an `io::Error` that was converted to an `anyhow::Error` without a context: neither a downcast nor
/// `source` finds it then, but its text with the number of the operating system's error is unique.
fn os_class(text: &str) -> Option<String> {
    let code = text.strip_suffix(')')?.rsplit_once("(os error ")?.1.parse().ok()?;
    let error = io::Error::from_raw_os_error(code);
    if error.to_string() == text { io_class(&error) } else { None }
}

/// Joins the texts of the chain with `: `. A cause that the text of its parent ends with is not repeated.
fn chain_text(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    for error in chain(error) {
        let part = display_lossy(error);
        if !text.ends_with(&part) {
            let separator = if text.is_empty() { "" } else { ": " };
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{separator}{part}");
        }
        if text.len() > MAX_MASKED_INPUT {
            break;
        }
    }
    text
}

/// Formats an error up to where its `Display` fails; `to_string` would panic.
fn display_lossy(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    let _ = write!(text, "{error}");
    text
}
