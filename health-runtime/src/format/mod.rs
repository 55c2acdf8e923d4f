//! A report, as bytes: one file for each format.

pub(crate) mod json;
