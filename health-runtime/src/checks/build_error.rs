//! Why a built-in check was not built: every mistake at once.

use std::error::Error;
use std::fmt;

/// Why a built-in check was not built: all that is wrong with its settings, a line each.
///
/// `Debug` prints the same text as `Display`, so a `main` that returns it shows it readable.
#[derive(Clone, PartialEq, Eq)]
pub struct BuildError {
    check: &'static str,
    mistakes: Vec<String>,
}

impl BuildError {
    /// What `make` makes, unless there are mistakes in the settings of a check of this type.
    #[allow(dead_code, reason = "`Http` alone makes parts that it cannot go on without, and so has `of`")]
    pub(super) fn unless<T>(check: &'static str, mistakes: Vec<String>, make: impl FnOnce() -> T) -> Result<T, Self> {
        if mistakes.is_empty() { Ok(make()) } else { Err(Self::of(check, mistakes)) }
    }

    /// These mistakes in the settings of a check of this type.
    #[allow(dead_code, reason = "as `unless`")]
    pub(super) fn of(check: &'static str, mistakes: Vec<String>) -> Self {
        Self { check, mistakes }
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.mistakes.len() == 1 { "" } else { "s" };
        write!(f, "`{}` cannot be built; {} problem{plural}:", self.check, self.mistakes.len())?;
        self.mistakes.iter().try_for_each(|mistake| write!(f, "\n  {mistake}"))
    }
}

impl fmt::Debug for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for BuildError {}
