//! Code that several built-in checks share.

#[cfg(any(
    feature = "disk",
    feature = "dns",
    feature = "file_descriptors",
    feature = "http",
    feature = "memcached",
    feature = "redis",
    feature = "tcp",
    feature = "tls",
))]
pub(super) mod blocking_thread;
pub(super) mod builtin_check;
#[cfg(feature = "disk")]
pub(super) mod bytes;
#[cfg(any(feature = "dns", feature = "memcached", feature = "tcp", feature = "tls"))]
pub(super) mod host;
#[cfg(any(feature = "memcached", feature = "tcp", feature = "tls"))]
pub(super) mod host_port;
#[cfg(any(feature = "dns", feature = "http", feature = "memcached", feature = "redis", feature = "tcp", feature = "tls"))]
pub(super) mod resolve;
#[cfg(any(
    feature = "disk",
    feature = "dns",
    feature = "file_descriptors",
    feature = "http",
    feature = "memcached",
    feature = "redis",
    feature = "sqlx",
    feature = "tcp",
    feature = "tls",
))]
pub(super) mod single_flight;
#[cfg(test)]
pub(super) mod test_support;
#[cfg(any(feature = "file_descriptors", feature = "memory"))]
pub(super) mod usage_thresholds;
