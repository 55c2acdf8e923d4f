//! Why health could not start: every problem at once.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt;

/// Why [`start`](crate::HealthBuilder::start) refused: all that is wrong, a line each, with the place in the source.
///
/// `Debug` prints the same text as `Display`, so a `main` that returns it shows it readable.
pub struct StartError {
    problems: Vec<String>,
}

impl StartError {
    /// Each problem once: a check that takes a missing type twice has one problem.
    pub(crate) fn new(problems: Vec<String>) -> Self {
        let mut seen = BTreeSet::new();
        Self { problems: problems.into_iter().filter(|problem| seen.insert(problem.clone())).collect() }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.problems.len() == 1 { "" } else { "s" };
        write!(f, "health cannot start; {} problem{plural}:", self.problems.len())?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for StartError {}
