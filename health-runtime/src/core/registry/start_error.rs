//! The error of `HealthBuilder::start`.

use crate::text::problems::{Problems, text_error};

text_error! {
    /// The error of [`HealthBuilder::start`](crate::HealthBuilder::start): every problem on a line, with its place in the source.
    pub struct StartError(Problems);
}

impl StartError {
    pub(crate) fn new(problems: Vec<String>) -> Self {
        Self(Problems::new("health cannot start", problems))
    }
}
