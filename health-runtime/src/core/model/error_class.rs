//! An error that a check ran into: what readers may see of it, and what the log gets.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::Write;
use std::io;
use std::iter;
use std::sync::Arc;

use crate::text::truncate::{MAX_MASKED_INPUT, truncate_and_mask};

/// No chain of causes in the field is longer; one that leads back to itself ends here.
const LONGEST_CHAIN: usize = 64;

/// What is kept of an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// For every reader: a phrase from a fixed list, or what the author of the check chose, masked.
    pub(crate) class: Cow<'static, str>,
    /// The text of the whole chain, masked.
    pub(crate) chain: String,
}

impl Failure {
    pub(crate) fn of(error: &(dyn Error + 'static)) -> Self {
        let class = chain(error).find_map(io_class).or_else(|| os_class(&said(error)));
        let class = class.map_or(Cow::Borrowed("check failed"), Cow::Owned);
        let text = text(error);
        let chain = if text.is_empty() { class.clone().into_owned() } else { truncate_and_mask(&text) };
        Self { class, chain }
    }

    /// The same under words of ours, which stand in front of its text as well.
    pub(crate) fn with_class(class: String, error: &(dyn Error + 'static)) -> Self {
        let chain = format!("{class}: {}", truncate_and_mask(&text(error)));
        Self { class: Cow::Owned(class), chain }
    }
}

/// The error and its causes.
pub(crate) fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    iter::successors(Some(error), |error| cause(*error)).take(LONGEST_CHAIN)
}

/// `io::Error::source` skips the error that it wraps, and so does that of an `Arc`, which is how redis gives its causes.
/// These are looked into first.
fn cause<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
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
    // `Uncategorized` cannot be named in stable Rust.
    let says_nothing = kind == io::ErrorKind::Other || format!("{kind:?}") == "Uncategorized";
    (!says_nothing).then(|| kind.to_string())
}

/// An `io::Error` that became an `anyhow::Error` without a context is still one, but hidden: neither a downcast nor
/// `source` finds it. Its text, down to the number of the operating system's error, can be no other's.
fn os_class(text: &str) -> Option<String> {
    let code = text.strip_suffix(')')?.rsplit_once("(os error ")?.1.parse().ok()?;
    let error = io::Error::from_raw_os_error(code);
    if error.to_string() == text { io_class(&error) } else { None }
}

/// The texts of the chain, joined by `: `. A cause that its parent's text already ends with is not said twice.
fn text(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    for part in chain(error) {
        let part = said(part);
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

/// What it says, as far as it can: `to_string` panics where `Display` fails.
fn said(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    let _ = write!(text, "{error}");
    text
}
