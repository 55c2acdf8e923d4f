//! Helpers for the tests of several checks.

pub(in crate::checks) mod server;
pub(in crate::checks) mod summary;
