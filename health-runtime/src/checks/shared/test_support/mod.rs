//! Helpers for the tests of several checks.

#[cfg(any(feature = "dns", feature = "http", feature = "memcached", feature = "redis", feature = "tcp", feature = "tls"))]
pub(in crate::checks) mod server;
pub(in crate::checks) mod summary;
