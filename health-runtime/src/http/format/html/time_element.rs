//! A point in time, for people and for programs.

use std::fmt::{self, Display, Formatter};

use tokio::time::Instant;

use crate::core::report::Report;
use crate::http::format::time::{clock, rfc3339};

pub(super) struct Moment<'r> {
    pub(super) report: &'r Report,
    pub(super) at: Instant,
}

impl Display for Moment<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { report, at } = *self;
        write!(f, r#"<time datetime="{}">{}</time>"#, rfc3339(report, at), clock(report, at))
    }
}
