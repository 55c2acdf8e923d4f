//! Checks of what services depend on: a database, a cache, an outside API, a certificate, the disk, the memory.
//!
//! Each is a feature of its own, named as its module in lower case: `sqlx`, `redis`, `memcached`, `http`, `tcp`, `dns`, `tls`,
//! `disk`, `memory`, `file_descriptors`. Each is made by a builder, which refuses settings that make no sense, is cheap to
//! clone, and serves in two ways:
//!
//! - as what a [`Check`](crate::Check) made at run time runs: `Check::readiness("disk", disk)`;
//! - inside an annotated function, through its method `run`: `disk.run().await`.
//!
//! None has a limit of its own that could stand in the way of the check's `timeout`.
//!
//! What one probe costs the other side, as counted on the wire by the tests named `real_…`, without TLS unless it says so:
//!
//! | check | the first run | every other |
//! |---|---|---|
//! | `Sqlx`, `PostgreSQL` | 1 connection of the pool, 5 round trips | 2 round trips |
//! | `Sqlx`, `MariaDB` | 1 connection of the pool, 4 round trips | 2 round trips |
//! | `Redis` | 1 connection, 2 round trips | 1 round trip |
//! | `Memcached` | 1 connection, 1 round trip, or 3 with credentials | 1 round trip |
//! | `Http` | 1 connection, 1 round trip | 1 round trip |
//! | `Tls`, a host with TLS 1.3 | 1 connection, 2 round trips | the same |
//! | `Tcp` | 1 connection, no more than its handshake | the same |
//! | `Dns` | what the system's resolver asks | the same |
//! | `Sqlx` on `SQLite`, `Tls` on a file, `Disk`, `Memory`, `FileDescriptors` | nothing leaves the machine | the same |
//!
//! A run that finds its connection broken is a first one. While the other side does not answer, no run asks it a second time, for
//! at least 10 s: the next run waits for the answer to the question that is open.

mod build_error;
#[cfg(feature = "disk")]
mod disk;
#[cfg(feature = "dns")]
mod dns;
#[cfg(feature = "file_descriptors")]
mod file_descriptors;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "memcached")]
mod memcached;
#[cfg(feature = "memory")]
mod memory;
#[cfg(feature = "redis")]
mod redis;
mod shared;
#[cfg(feature = "sqlx")]
mod sqlx;
#[cfg(feature = "tcp")]
mod tcp;
#[cfg(feature = "tls")]
mod tls;

pub use build_error::BuildError;
#[cfg(feature = "disk")]
#[cfg_attr(docsrs, doc(cfg(feature = "disk")))]
pub use disk::{Disk, DiskBuilder};
#[cfg(feature = "dns")]
#[cfg_attr(docsrs, doc(cfg(feature = "dns")))]
pub use dns::{Dns, DnsBuilder};
#[cfg(feature = "file_descriptors")]
#[cfg_attr(docsrs, doc(cfg(feature = "file_descriptors")))]
pub use file_descriptors::{FileDescriptors, FileDescriptorsBuilder};
#[cfg(feature = "http")]
#[cfg_attr(docsrs, doc(cfg(feature = "http")))]
pub use http::{Http, HttpBuilder};
#[cfg(feature = "memcached")]
#[cfg_attr(docsrs, doc(cfg(feature = "memcached")))]
pub use memcached::{Memcached, MemcachedBuilder};
#[cfg(feature = "memory")]
#[cfg_attr(docsrs, doc(cfg(feature = "memory")))]
pub use memory::{Memory, MemoryBuilder};
#[cfg(feature = "redis")]
#[cfg_attr(docsrs, doc(cfg(feature = "redis")))]
pub use redis::{Redis, RedisBuilder};
#[cfg(feature = "sqlx")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlx")))]
pub use sqlx::{Sqlx, SqlxBuilder};
#[cfg(feature = "tcp")]
#[cfg_attr(docsrs, doc(cfg(feature = "tcp")))]
pub use tcp::{Tcp, TcpBuilder};
#[cfg(feature = "tls")]
#[cfg_attr(docsrs, doc(cfg(feature = "tls")))]
pub use tls::{Tls, TlsBuilder};
