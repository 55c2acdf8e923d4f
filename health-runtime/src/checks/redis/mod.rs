//! A check of a Redis server or a compatible one.

mod client;
mod evaluate;
mod questions;

use std::sync::Arc;

use redis::aio::{ConnectionManager, MultiplexedConnection};
use redis::{Client, ConnectionAddr};

use self::client::{AppConnection, RedisClient};
use super::build_error::{BuildError, build_if_valid};
use super::shared::{SingleFlight, builtin_check, partial_debug};
use crate::core::engine::run_context::RunContext;
use crate::core::model::outcome::Outcome;
use crate::core::model::status::Status;

/// Checks that a Redis responds to `PING`, is not loading its data, and is not a replica if that matters.
///
/// - A server that is still loading is down, `loading`. It becomes up without intervention.
/// - A member of a cluster whose state is `fail` is down, `cluster is down`.
/// - A replica is degraded, `read-only replica`, unless [`needs_writes`](RedisBuilder::needs_writes) or
///   [`reads_only`](RedisBuilder::reads_only) is set. A server that cannot save to its disk, and responds `MISCONF` to `PING`, has
///   the same status, `cannot save to disk`. A replica that is configured to accept writes is not detected.
/// - With [`needs_writes`](RedisBuilder::needs_writes) a server that rejects a write is down: `out of memory`, `too few replicas`,
///   `cannot save to disk`, `read-only replica`, `cluster is down`, or `writes are rejected` for any other error code.
/// - A failed login, or a server that requires a password when none is configured, is `authentication failed`.
///
/// Details: `role`, which is `master` or `replica` and is omitted if the server does not report it, and `loading`, whether the
/// server is loading.
///
/// # Questions
///
/// | sent | when | needs the permission |
/// |---|---|---|
/// | `PING` | in each run | `+ping` |
/// | `HELLO`, for the role and the mode | in each run | none |
/// | `SETRANGE health-runtime:probe 0 ""`, which changes nothing | with `needs_writes` | `+setrange ~health-runtime:probe` |
/// | `CLUSTER INFO` | if the mode is `cluster` | `+cluster\|info` |
///
/// Only `PING` must be answered. If the server does not know another question, if the user lacks the permission, or if a proxy
/// closes the connection or does not respond because of it, the check omits the question while it keeps the connection, and
/// decides without the answer. In a cluster the write is decided by the server only if it has the slot of the key.
///
/// # Connections
///
/// The check opens its own connection and keeps it for 30 s while the outcome is up. Otherwise it opens another in the same run,
/// and resolves the name again: after a failover the name may lead to the new master. It ignores the time limits of the client,
/// so that the check's `timeout` counts.
///
/// With [`connection`](RedisBuilder::connection) or [`manager`](RedisBuilder::manager) the check uses a connection of the
/// application, so its status is that of the application's connection. A multiplexed connection never recovers once it is
/// broken, and the check stays down with it. A manager reconnects, but returns nothing while it tries, and the check is down
/// meanwhile. To find the reason, the check opens an extra connection if there is no response, or none within half of its
/// `timeout`, and reports the error of that connection, such as `connection refused`. The response timeout of a manager, 500 ms
/// unless configured otherwise, applies to the check as it does to the application: `timed out`. A proxy that closes a connection
/// because of a question closes that of the application: do not share a multiplexed connection to such a proxy.
///
/// Each run sends its questions together, in one round trip, and one more at the first run for a cluster. The extra connection
/// takes one more and is then closed.
///
/// ```
/// use health_runtime::{Check, checks::Redis};
///
/// let client = redis::Client::open("redis://cache.internal/")?;
/// let sessions = Check::readiness("sessions", Redis::builder(client).needs_writes().build()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Redis {
    flight: Arc<SingleFlight<RedisClient, Outcome, Outcome>>,
}

/// Configures and builds a [`Redis`]. Created by [`Redis::builder`].
#[must_use = "no check is created until `build`"]
pub struct RedisBuilder {
    client: Client,
    connection: Option<MultiplexedConnection>,
    manager: Option<ConnectionManager>,
    needs_writes: bool,
    reads_only: bool,
}

impl Redis {
    /// Creates a builder for the server and the login of `client`.
    pub fn builder(client: Client) -> RedisBuilder {
        RedisBuilder { client, connection: None, manager: None, needs_writes: false, reads_only: false }
    }

    /// Runs the check once. For use in an annotated function.
    pub async fn run(&self) -> Outcome {
        let diagnose_after = RunContext::current().remaining() / 2;
        let run = self.flight.join_or_start(|client| async move { client.run(diagnose_after).await });
        run.await.unwrap_or_else(|outcome| outcome)
    }
}

impl RedisBuilder {
    /// Uses this connection of the application instead of opening one. The connection does not change for its other users.
    pub fn connection(mut self, connection: MultiplexedConnection) -> Self {
        self.connection = Some(connection);
        self
    }

    /// Uses this connection manager of the application instead of opening a connection.
    pub fn manager(mut self, manager: ConnectionManager) -> Self {
        self.manager = Some(manager);
        self
    }

    /// Makes a replica down instead of degraded, and asks whether the server accepts a write, which changes nothing: for a service
    /// that depends on writes.
    pub fn needs_writes(mut self) -> Self {
        self.needs_writes = true;
        self
    }

    /// Makes a replica up instead of degraded, for a service that only reads.
    pub fn reads_only(mut self) -> Self {
        self.reads_only = true;
        self
    }

    /// Creates the check. It connects at its first run.
    ///
    /// # Errors
    ///
    /// Returns an error if the client is for port 0, or if two settings conflict.
    pub fn build(self) -> Result<Redis, BuildError> {
        let Self { client, connection, manager, needs_writes, reads_only } = self;
        let mut problems = Vec::new();
        if let ConnectionAddr::Tcp(_, 0) | ConnectionAddr::TcpTls { port: 0, .. } = client.get_connection_info().addr() {
            problems.push("`client` has port 0; use the port of the server, 6379 by default".to_owned());
        }
        if connection.is_some() && manager.is_some() {
            problems.push("`connection` and `manager` are both set; remove one".to_owned());
        }
        let without_writes = match (needs_writes, reads_only) {
            (false, false) => Status::Degraded,
            (true, false) => Status::Down,
            (false, true) => Status::Up,
            (true, true) => {
                problems.push("`needs_writes` and `reads_only` conflict; remove one".to_owned());
                Status::Down
            }
        };
        let app_connection = connection.map(AppConnection::Multiplexed).or(manager.map(AppConnection::Manager));
        build_if_valid("Redis", problems, || {
            let client = RedisClient::new(client, without_writes, app_connection);
            Redis { flight: Arc::new(SingleFlight::new(client)) }
        })
    }
}

builtin_check!(Redis, external: true);
// The debug output of the client shows the user.
partial_debug!(Redis, |redis| without_writes: &redis.flight.target().without_writes);
partial_debug!(RedisBuilder, |builder| needs_writes: &builder.needs_writes, reads_only: &builder.reads_only);

#[cfg(test)]
mod tests;
