//! Limits the length of texts.

use std::borrow::Cow;

use super::mask::mask;

/// The maximum length of a masked text in bytes.
const MAX_MASKED_TEXT: usize = 64 * 1024;

/// The maximum length in bytes of what is masked. A cut at this length may split a credential so that its rest is not
/// recognised; the rest lies behind [`MAX_MASKED_TEXT`].
pub(crate) const MAX_MASKED_INPUT: usize = 128 * 1024;

/// Masks the credentials in a text and limits its length.
pub(crate) fn truncate_and_mask(text: &str) -> String {
    let input = text.get(..floor_char_boundary(text, MAX_MASKED_INPUT)).unwrap_or_default();
    truncate(&mask(input), MAX_MASKED_TEXT).into_owned()
}

/// Returns at most `max_bytes` of the text, cut at a character, with `…` after a cut.
pub(crate) fn truncate(text: &str, max_bytes: usize) -> Cow<'_, str> {
    if text.len() <= max_bytes {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}…", text.get(..floor_char_boundary(text, max_bytes)).unwrap_or_default()))
}

/// Returns the last character boundary at or before `index`. `str::floor_char_boundary` needs Rust 1.91.
pub(crate) fn floor_char_boundary(text: &str, index: usize) -> usize {
    (0..=index.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
