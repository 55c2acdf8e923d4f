//! Real servers, each of them a test's own: on a free port of 127.0.0.1 and in a folder of its own, until it is dropped.
//!
//! What all of them can do, such as to stop, to freeze and to be there again, is a [`Daemon`]'s. A program that is missing is a
//! panic that says what to install.

mod account;
mod certificate;
mod counting;
mod daemon;
mod mariadb;
mod memcached;
mod postgres;
mod redis;
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
pub use self::socket::{connections, free_port, talk};
pub use self::tls::TlsServer;
pub use self::website::Website;

use std::ops::{Deref, DerefMut};
use std::time::Duration;

/// The user that a server knows, and the database where it has one.
pub const USER: &str = "orders";

/// The password of that user. It holds nothing that an URL would have to escape.
pub const PASSWORD: &str = "s3cret-of-orders";

/// Longer than any machine takes to start or to stop a server.
const PATIENCE: Duration = Duration::from_mins(1);

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
