//! Checks of common dependencies: a database, a cache, an external API, a certificate, the disk, the memory.
//!
//! Each check has its own feature, named as its type in snake case: `sqlx`, `redis`, `memcached`, `http`, `tcp`, `dns`, `tls`,
//! `disk`, `memory`, `file_descriptors`. `Migrations` has `sqlx-migrate`. Each has a builder that validates its settings, is cheap to clone, and can be used in
//! two ways:
//!
//! - passed to a [`Check`](crate::Check) created at run time: `Check::readiness("disk", disk)`;
//! - in an annotated function, through its method `run`: `disk.run().await`.
//!
//! No check has a time limit that could end a run before the check's `timeout`.
//!
//! # Connections
//!
//! `Http`, `Memcached`, `Tcp` and `Tls` find a server by its name as RFC 8305 describes: the next address is tried after 250 ms,
//! or at once after one that fails, and the first that connects wins. So an address that drops every packet costs 250 ms. The
//! address of the last good response is tried first.
//!
//! A kept connection is replaced after 30 s. If it breaks, or its server responds with something unexpected, the name may lead to
//! another server by now: the name is resolved again, and the response over a new connection counts.
//!
//! # TLS
//!
//! No feature of a check switches a TLS provider on. `Http` with an `https` URL, and `Tls` with a host, use the provider of rustls
//! 0.23 that the program has installed as its default, else the only one that is compiled into the program. A program without
//! one, or with two, selects one by the feature `aws-lc-rs` or `ring`, and servers without TLS 1.3 need the feature `tls12`. These
//! three are features of rustls for the program, so a library leaves them alone.
//!
//! # Cost
//!
//! The cost of one probe for the other side, as measured on the wire by the tests named `real_…`, without TLS unless stated:
//!
//! | check | first run | later runs |
//! |---|---|---|
//! | `Sqlx`, `PostgreSQL` | 1 connection of the pool, 5 round trips | 2 round trips |
//! | `Sqlx`, `MariaDB` | 1 connection of the pool, 4 round trips | 2 round trips |
//! | `Migrations` | 1 connection of the pool, 2 statements | 2 statements |
//! | `Redis` | 1 connection, 2 round trips | 1 round trip |
//! | `Memcached` | 1 connection, 1 round trip, or 3 with credentials | 1 round trip |
//! | `Http` | 1 connection, 1 round trip | 1 round trip |
//! | `Tls`, a host with TLS 1.3 | 1 connection, 2 round trips | the same |
//! | `Tcp` | 1 connection, only its handshake | the same |
//! | `Dns` | the queries of the system's resolver | the same |
//! | `Sqlx` on `SQLite`, `Tls` on a file, `Disk`, `Memory`, `FileDescriptors` | nothing leaves the machine | the same |
//!
//! Reconnecting costs as much as the first run. If the server does not respond, later runs wait for the pending request instead
//! of sending another, for at least 10 s.

mod build_error;
mod descriptions;
#[cfg(all(feature = "disk", unix))]
mod disk;
#[cfg(feature = "dns")]
mod dns;
#[cfg(all(feature = "file_descriptors", unix))]
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
#[cfg(all(feature = "disk", unix))]
pub use disk::{Disk, DiskBuilder, GIB, KIB, MIB};
#[cfg(feature = "dns")]
pub use dns::{Dns, DnsBuilder};
#[cfg(all(feature = "file_descriptors", unix))]
pub use file_descriptors::{FileDescriptors, FileDescriptorsBuilder};
#[cfg(feature = "http")]
pub use http::{Http, HttpBuilder};
#[cfg(feature = "memcached")]
pub use memcached::{Memcached, MemcachedBuilder};
#[cfg(feature = "memory")]
pub use memory::{Memory, MemoryBuilder};
#[cfg(feature = "redis")]
pub use redis::{Redis, RedisBuilder};
#[cfg(feature = "sqlx-migrate")]
pub use sqlx::{Migrations, MigrationsBuilder};
#[cfg(feature = "sqlx")]
pub use sqlx::{Sqlx, SqlxBuilder};
#[cfg(feature = "tcp")]
pub use tcp::{Tcp, TcpBuilder};
#[cfg(feature = "tls")]
pub use tls::{Tls, TlsBuilder};
