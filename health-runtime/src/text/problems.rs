//! A list of problems as one error text.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

/// Every problem that an operation found, under one headline.
///
/// The errors that list problems wrap this type: see `text_error!`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Problems {
    headline: Cow<'static, str>,
    problems: Vec<String>,
}

impl Problems {
    /// Creates a list under `headline`, such as "health cannot start". Equal problems are listed once.
    pub(crate) fn new(headline: impl Into<Cow<'static, str>>, problems: impl IntoIterator<Item = String>) -> Self {
        let mut seen = HashSet::new();
        let problems = problems.into_iter().filter(|problem| seen.insert(problem.clone())).collect();
        Self { headline: headline.into(), problems }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.problems.len() == 1 { "" } else { "s" };
        write!(f, "{}; {} problem{plural}:", self.headline, self.problems.len())?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

/// Defines a public error that wraps a value with `Display`, such as [`Problems`].
///
/// `Debug` prints the text of `Display`, so a `main` that returns the error shows it readably.
macro_rules! text_error {
    ($(#[$attribute:meta])* pub struct $name:ident($inner:ty);) => {
        $(#[$attribute])*
        ///
        /// `Debug` prints the same text as `Display`, so a `main` that returns it shows it readably.
        pub struct $name(pub(crate) $inner);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.0, f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.0, f)
            }
        }

        impl std::error::Error for $name {}
    };
}

pub(crate) use text_error;
