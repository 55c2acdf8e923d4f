//! The error of the YAML generator.

use crate::text::problems::{Problems, text_error};

text_error! {
    /// The error of [`Probes::yaml`](super::Probes::yaml): one line per problem, each with its remedy.
    #[derive(Clone, PartialEq, Eq)]
    pub struct ProbesError(Problems);
}

impl ProbesError {
    pub(super) fn new(problems: Vec<String>) -> Self {
        Self(Problems::new("invalid probe settings", problems))
    }
}
