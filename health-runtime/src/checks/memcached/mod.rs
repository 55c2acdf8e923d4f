//! A check of a memcached server.

mod session;

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use session::Session;

use super::build_error::{BuildError, build_if_valid};
use crate::checks::shared::builtin_check::builtin_check;
use crate::checks::shared::host_port::HostPort;
use crate::checks::shared::resolve::outcome_from_error;
use crate::checks::shared::single_flight::SingleFlight;
use crate::core::model::outcome::Outcome;

/// Checks that a memcached server returns its version over TCP, in the text protocol.
///
/// A failed login, or a server that requires credentials when none are configured, is `authentication failed`. A server that
/// is not memcached, or that responds with an error, is `unexpected answer`. Detail: `version`.
///
/// # Cost for the server
///
/// | run | connections | round trips |
/// |---|---|---|
/// | the first, and each that finds its connection broken | 1, which is kept | 1 |
/// | the same if the server requires credentials | 1, which is kept | 3 |
/// | every other | 0 | 1 |
///
/// Credentials are sent only to a server that requires them, because another server would store them as a value. If the server
/// does not respond, later runs wait for the pending request instead of sending another, for at least 10 s.
///
/// ```
/// use health_runtime::checks::Memcached;
/// use health_runtime::{Check, Health, Kind};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let address = "127.0.0.1:1";
/// let sessions = Memcached::builder(address).build()?; // such as "cache.internal:11211"
/// let health = Health::builder().check(Check::readiness("sessions", sessions)).start()?;
/// let report = health.report(Kind::Readiness).await;
/// assert_eq!(report.check("sessions").and_then(|check| check.error()), Some("connection refused"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Memcached {
    inner: Arc<Inner>,
}

struct Inner {
    client: Arc<MemcachedClient>,
    flight: SingleFlight<String, SessionError>,
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

/// The state that one query needs.
struct MemcachedClient {
    address: HostPort,
    credentials: Option<Credentials>,
    /// A query takes the connection and returns it when it has a response, so the connection of an abandoned query is closed.
    cached: Mutex<Option<Session>>,
}

/// The reason why a session returned no version.
struct SessionError {
    /// The public reason, if the error alone does not define it.
    class: Option<&'static str>,
    error: io::Error,
}

impl From<io::Error> for SessionError {
    fn from(error: io::Error) -> Self {
        Self { class: None, error }
    }
}

impl Memcached {
    /// Creates a builder for a server at `host:port`, usually port 11211. An IPv6 address must be in brackets.
    pub fn builder(address: impl Into<String>) -> MemcachedBuilder {
        MemcachedBuilder { address: address.into(), credentials: None }
    }

    /// Runs the check once. For use in an annotated function.
    pub async fn run(&self) -> Outcome {
        let Inner { client, flight } = &*self.inner;
        let queried = flight.join_or_start(|| {
            let client = Arc::clone(client);
            async move { client.query().await }
        });
        match queried.await {
            Ok(version) => Outcome::up().with("version", version),
            Err(SessionError { class: Some(class), error }) => Outcome::failed_as(class, &error),
            Err(SessionError { class: None, error }) => outcome_from_error(&error),
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
            let client = MemcachedClient { address, credentials, cached: Mutex::default() };
            Memcached { inner: Arc::new(Inner { client: Arc::new(client), flight: SingleFlight::default() }) }
        })
    }
}

impl MemcachedClient {
    async fn query(&self) -> Result<String, SessionError> {
        let cached = self.cached().take();
        // After a restart of the server the cached connection is broken, which only its next use shows.
        if let Some(mut session) = cached
            && let Ok(version) = session.version(self.credentials.as_ref()).await
        {
            return Ok(self.cache_connection(session, version));
        }
        let mut session = Session::open(&self.address).await?;
        let version = session.version(self.credentials.as_ref()).await?;
        Ok(self.cache_connection(session, version))
    }

    fn cache_connection(&self, session: Session, version: String) -> String {
        *self.cached() = Some(session);
        version
    }

    fn cached(&self) -> MutexGuard<'_, Option<Session>> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

builtin_check!(Memcached, external: true);

impl fmt::Debug for Memcached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memcached").field("address", &self.inner.client.address).finish_non_exhaustive()
    }
}

// The address is not validated yet, and may be a URL with a password.
impl fmt::Debug for MemcachedBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemcachedBuilder").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
