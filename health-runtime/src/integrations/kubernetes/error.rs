//! Why no probes could be written: every problem at once.

use std::error::Error;
use std::fmt;

/// Why [`Probes::yaml`](super::Probes::yaml) refused: all that is wrong, a line each, with what to write instead.
///
/// `Debug` prints the same text as `Display`, so a `main` that returns it shows it readable.
#[derive(Clone, PartialEq, Eq)]
pub struct ProbesError {
    problems: Vec<String>,
}

impl ProbesError {
    pub(super) fn new(problems: Vec<String>) -> Self {
        Self { problems }
    }
}

impl fmt::Display for ProbesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.problems.len() == 1 { "" } else { "s" };
        write!(f, "the probes cannot be written; {} problem{plural}:", self.problems.len())?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl fmt::Debug for ProbesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for ProbesError {}
