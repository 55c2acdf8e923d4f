//! What several built-in checks use.

#[cfg(any(feature = "disk", feature = "file_descriptors", feature = "tls"))]
pub(super) mod aside;
#[cfg(feature = "disk")]
pub(super) mod byte_size;
#[cfg(any(feature = "dns", feature = "memcached", feature = "tcp", feature = "tls"))]
pub(super) mod host;
#[cfg(any(feature = "memcached", feature = "tcp", feature = "tls"))]
pub(super) mod host_port;
#[cfg(any(feature = "dns", feature = "http", feature = "memcached", feature = "redis", feature = "tcp", feature = "tls"))]
pub(super) mod resolve;
#[cfg(any(
    feature = "dns",
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
