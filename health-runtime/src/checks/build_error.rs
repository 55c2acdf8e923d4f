//! The error of the builders of the built-in checks.

#![allow(dead_code, reason = "unused without any built-in check")]

use crate::text::problems::{Problems, text_error};

text_error! {
    /// The error of a built-in check's builder: every invalid setting on a line.
    #[derive(Clone, PartialEq, Eq)]
    pub struct BuildError(Problems);
}

impl BuildError {
    pub(super) fn new(check: &str, problems: Vec<String>) -> Self {
        Self(Problems::new(format!("`{check}` cannot be built"), problems))
    }
}

/// Returns the check that `build` creates, or an error with the problems in the settings of the check type `check`.
pub(super) fn build_if_valid<T>(check: &str, problems: Vec<String>, build: impl FnOnce() -> T) -> Result<T, BuildError> {
    if problems.is_empty() { Ok(build()) } else { Err(BuildError::new(check, problems)) }
}
