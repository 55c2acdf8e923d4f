//! The masked text of the last failed run of a check.

use std::sync::{Arc, Mutex, PoisonError};

use crate::core::model::error_class::ErrorTexts;

/// Remembers the masked form of one text. A check that fails returns the same text on most runs, and masking reads it several
/// times.
#[derive(Default)]
pub(crate) struct MaskMemo(Mutex<Option<Box<Masked>>>);

struct Masked {
    /// Up to the length that masking reads. Never shown.
    texts: ErrorTexts,
    masked: Arc<str>,
}

impl MaskMemo {
    /// Returns the masked form of a text; `mask` is called if it is not that of the last call.
    pub(super) fn masked(&self, texts: ErrorTexts, mask: impl FnOnce(&ErrorTexts) -> String) -> Arc<str> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().as_ref().filter(|last| last.texts == texts).map(|last| Arc::clone(&last.masked));
        known.unwrap_or_else(|| {
            let masked: Arc<str> = mask(&texts).into();
            *lock() = Some(Box::new(Masked { texts, masked: Arc::clone(&masked) }));
            masked
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c3_a_text_is_masked_again_only_after_another_one() {
        let (memo, mut calls) = (MaskMemo::default(), 0);
        for text in ["a", "a", "b", "b", "a", "a"] {
            let masked = memo.masked(ErrorTexts::of_message(text), |texts| {
                calls += 1;
                format!("{}!", texts.masked())
            });
            assert_eq!(*masked, *format!("{text}!"));
        }
        assert_eq!(calls, 3);
    }
}
