//! The masked text of the last failed run of a check.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Remembers the masked form of one text. A check that fails returns the same text on most runs, and masking reads it several
/// times.
///
/// The text itself is not kept, as it may contain credentials: a hash with a secret key stands for it.
#[derive(Default)]
pub(crate) struct MaskMemo(Mutex<Option<Masked>>);

struct Masked {
    key: u64,
    text: Arc<str>,
}

static KEYS: LazyLock<RandomState> = LazyLock::new(RandomState::new);

impl MaskMemo {
    /// Returns the masked form of a text; `mask` is called if it is not that of the last call.
    pub(super) fn masked(&self, text: &impl Hash, mask: impl FnOnce() -> String) -> Arc<str> {
        let key = KEYS.hash_one(text);
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().as_ref().filter(|masked| masked.key == key).map(|masked| Arc::clone(&masked.text));
        known.unwrap_or_else(|| {
            let text: Arc<str> = mask().into();
            *lock() = Some(Masked { key, text: Arc::clone(&text) });
            text
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
            let masked = memo.masked(&text, || {
                calls += 1;
                format!("masked {text}")
            });
            assert_eq!(*masked, *format!("masked {text}"));
        }
        assert_eq!(calls, 3);
    }
}
