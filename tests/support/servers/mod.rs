//! Real servers, each for one test: on a free port of 127.0.0.1 and in a separate folder, until it is dropped.
//!
//! [`Daemon`] has their common operations: stop, freeze, restart. A missing program is a panic that names the package to
//! install.

mod account;
mod certificate;
mod counting;
mod daemon;
mod mariadb;
mod memcached;
mod postgres;
mod redis;
mod relay;
mod socket;
mod tls;
mod website;

pub use self::certificate::Certificate;
pub use self::counting::{Counting, Counts};
pub use self::daemon::Daemon;
pub use self::mariadb::MariaDb;
pub use self::memcached::Memcached;
pub use self::postgres::Postgres;
pub use self::redis::Redis;
pub use self::relay::Relay;
pub use self::socket::{connections, free_port, talk};
pub use self::tls::TlsServer;
pub use self::website::Website;

use std::ops::{Deref, DerefMut};
use std::time::Duration;

/// The user of a server, and the database if it has one.
pub const USER: &str = "orders";

/// The password of that user, without characters that a URL would escape.
pub const PASSWORD: &str = "s3cret-of-orders";

/// Longer than any machine takes to start or to stop a server.
const PATIENCE: Duration = Duration::from_mins(3);

macro_rules! daemons {
    ($($server:ty),+) => {$(
        impl Deref for $server {
            type Target = Daemon;

            fn deref(&self) -> &Daemon {
                &self.0
            }
        }

        impl DerefMut for $server {
            fn deref_mut(&mut self) -> &mut Daemon {
                &mut self.0
            }
        }
    )+};
}

daemons!(MariaDb, Memcached, Postgres, Redis, TlsServer, Website);
