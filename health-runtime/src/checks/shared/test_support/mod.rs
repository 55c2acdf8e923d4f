//! Helpers for the tests of several checks.

pub(in crate::checks) mod server;
#[cfg(any(feature = "disk", feature = "file_descriptors", feature = "memory"))]
pub(in crate::checks) mod summary;
