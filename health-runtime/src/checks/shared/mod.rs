//! Code that several built-in checks share.

#![cfg_attr(
    not(all(feature = "disk", feature = "memcached", feature = "memory", unix)),
    allow(dead_code, unused_imports, unused_macros, reason = "each check uses some of it, and these three use all of it")
)]

mod blocking_thread;
mod builtin_check;
#[cfg(any(feature = "http", feature = "memcached", feature = "redis", feature = "tcp", feature = "tls"))]
pub(super) mod connector;
#[cfg(any(feature = "http", feature = "tls"))]
mod crypto_provider;
mod host;
mod host_port;
pub(super) mod mountinfo;
mod resolve;
mod single_flight;
#[cfg(test)]
pub(super) mod test_support;
pub(super) mod usage_thresholds;

pub(super) use blocking_thread::spawn_blocking_thread;
pub(super) use builtin_check::{builtin_check, partial_debug};
#[cfg(any(feature = "http", feature = "tls"))]
pub(super) use crypto_provider::crypto_provider;
pub(super) use host::{looks_like_url, parse_host};
pub(super) use host_port::HostPort;
pub(super) use resolve::{outcome_from_error, resolve};
pub(super) use single_flight::SingleFlight;
