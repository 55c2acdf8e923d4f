//! A check of a memcached server.

mod session;

use std::sync::Arc;

use session::Session;

use super::build_error::{BuildError, build_if_valid};
use super::shared::connector::{Connector, KeptConnection};
use super::shared::{HostPort, SingleFlight, builtin_check, outcome_from_error, partial_debug};
use crate::core::model::outcome::Outcome;

/// Checks that a memcached server returns its version over TCP, in the text protocol. A proxy that does not know the command
/// gets a `get` of a key that does not exist instead.
///
/// A failed login, or a server that requires credentials when none are configured, is `authentication failed`. A server that
/// is not memcached, or that responds with an error, is `unexpected answer`. Detail: `version`, if there
/// is one.
///
/// The check keeps its connection for 30 s, and opens a new one after an error or an unexpected answer. Credentials are sent only to a server that requires them, because another server would store
/// them as a value.
///
/// ```
/// use health_runtime::{Check, checks::Memcached};
///
/// let sessions = Check::readiness("sessions", Memcached::builder("cache.internal:11211").build()?);
/// # Ok::<(), health_runtime::checks::BuildError>(())
/// ```
#[derive(Clone)]
pub struct Memcached {
    flight: Arc<SingleFlight<MemcachedClient, Option<String>, Outcome>>,
}

/// Configures and builds a [`Memcached`]. Created by [`Memcached::builder`].
#[must_use = "no check is created until `build`"]
pub struct MemcachedBuilder {
    address: String,
    credentials: Option<Credentials>,
}

struct Credentials {
    user: String,
    password: String,
}

struct MemcachedClient {
    connector: Connector,
    credentials: Option<Credentials>,
    connection: KeptConnection<Session>,
}

impl Memcached {
    /// Creates a builder for a server at `host:port`, usually port 11211. An IPv6 address must be in brackets.
    pub fn builder(address: impl Into<String>) -> MemcachedBuilder {
        MemcachedBuilder { address: address.into(), credentials: None }
    }

    /// Runs the check once. For use in an annotated function.
    pub async fn run(&self) -> Outcome {
        let version = self.flight.join_or_start(|client| async move { client.version().await });
        match version.await {
            Ok(Some(version)) => Outcome::up().with("version", version),
            Ok(None) => Outcome::up(),
            Err(outcome) => outcome,
        }
    }
}

impl MemcachedBuilder {
    /// Logs in with these credentials if the server requires it, as a server started with `-Y` does. SASL, option `-S`, is not
    /// supported, because it uses the binary protocol.
    pub fn credentials(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.credentials = Some(Credentials { user: user.into(), password: password.into() });
        self
    }

    /// Creates the check. It connects at its first run.
    ///
    /// # Errors
    ///
    /// Returns an error if the address is not `host:port`, or if the text protocol cannot carry the credentials.
    pub fn build(self) -> Result<Memcached, BuildError> {
        let Self { address, credentials } = self;
        let mut problems = Vec::new();
        let address = HostPort::parse_into(&address, &mut problems);
        if let Some(Credentials { user, password }) = &credentials {
            if user.is_empty() || user.contains([' ', ':']) || user.contains(char::is_control) {
                problems.push("`user` must not be empty or contain spaces, colons or control characters".to_owned());
            }
            if password.is_empty() || password.contains(char::is_control) {
                problems.push("`password` must not be empty or contain control characters".to_owned());
            }
        }
        build_if_valid("Memcached", problems, || {
            let client =
                MemcachedClient { connector: Connector::new(address), credentials, connection: KeptConnection::default() };
            Memcached { flight: Arc::new(SingleFlight::new(client)) }
        })
    }
}

impl MemcachedClient {
    /// Returns the version of the server if it has one, or the outcome of an error.
    async fn version(&self) -> Result<Option<String>, Outcome> {
        let connect = async {
            let connected = self.connector.connect().await.map_err(|error| outcome_from_error(&error))?;
            Ok(Session::new(connected))
        };
        let query = |mut session: Session| async {
            let version = self.connector.track(session.address, session.version(self.credentials.as_ref())).await?;
            Ok((session, version))
        };
        self.connection.query(connect, query).await
    }
}

builtin_check!(Memcached, external: true);
partial_debug!(Memcached, |memcached| address: memcached.flight.target().connector.target());
partial_debug!(MemcachedBuilder, |_| );

#[cfg(test)]
mod tests;
