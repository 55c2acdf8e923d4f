//! The error of the builders of the built-in checks.

use crate::text::problems::{Problems, text_error};

text_error! {
    /// The error of a built-in check's builder: every invalid setting on a line.
    #[derive(Clone, PartialEq, Eq)]
    pub struct BuildError(Problems);
}

impl BuildError {
    /// Returns the check that `build` creates, or the problems in the settings of a check of the type `check`.
    #[allow(dead_code, reason = "the feature `http` alone uses only `new`")]
    pub(super) fn unless<T>(check: &str, problems: Vec<String>, build: impl FnOnce() -> T) -> Result<T, Self> {
        if problems.is_empty() { Ok(build()) } else { Err(Self::new(check, problems)) }
    }

    pub(super) fn new(check: &str, problems: Vec<String>) -> Self {
        Self(Problems::new(format!("`{check}` cannot be built"), problems))
    }
}
