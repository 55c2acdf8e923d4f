//! A memcached.

mod session;

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use session::Session;

use super::build_error::BuildError;
use crate::checks::shared::host_port::Address;
use crate::checks::shared::resolve;
use crate::checks::shared::single_flight::Question;
use crate::core::model::outcome::Outcome;
use crate::core::registry::check::Run;
use crate::core::registry::descriptor::CheckFuture;

/// A memcached tells its version over TCP, in the text protocol.
///
/// A failure to log in, or a server that wants credentials and has got none, is `authentication failed`; something that is no
/// memcached, or one that has an error to tell, `unexpected answer`. Detail: `version`.
///
/// # What it costs the server
///
/// | run | connections | round trips |
/// |---|---|---|
/// | the first, and one that finds the connection broken | 1, which is kept | 1 |
/// | the same where the server asks for credentials | 1, which is kept | 3 |
/// | every other | 0 | 1 |
///
/// Credentials are sent only to a server that asks for them, because one that does not would store them as a value. A server
/// that does not answer is asked no second time while the first question is open, for at least 10 s.
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
    asker: Arc<Asker>,
    question: Question<String, Fault>,
}

/// The settings of a [`Memcached`]. Made by [`Memcached::builder`].
#[must_use = "no check is made until `build`"]
pub struct MemcachedBuilder {
    address: String,
    credentials: Option<Credentials>,
}

struct Credentials {
    user: String,
    password: String,
}

/// What one question needs.
struct Asker {
    address: Address,
    credentials: Option<Credentials>,
    /// A question that is given up takes its connection with it.
    kept: Mutex<Option<Session>>,
}

/// Why there is no version.
struct Fault {
    /// What the error itself does not say.
    class: Option<&'static str>,
    error: io::Error,
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self { class: None, error }
    }
}

impl Memcached {
    /// Begins with where it is: `host:port`, with an IPv6 address in brackets. The usual port is 11211.
    pub fn builder(address: impl Into<String>) -> MemcachedBuilder {
        MemcachedBuilder { address: address.into(), credentials: None }
    }

    /// One run, for use inside an annotated function.
    pub async fn run(&self) -> Outcome {
        let Inner { asker, question } = &*self.inner;
        let answer = question.answer(|| {
            let asker = Arc::clone(asker);
            async move { asker.ask().await }
        });
        match answer.await {
            Ok(version) => Outcome::up().with("version", version),
            Err(Fault { class: Some(class), error }) => Outcome::failed_as(class, &error),
            Err(Fault { class: None, error }) => resolve::failed(&error),
        }
    }
}

impl MemcachedBuilder {
    /// Logs in with these where the server asks for it, as one does that was started with `-Y`. SASL, which is `-S`, speaks
    /// another protocol and is not supported.
    pub fn credentials(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.credentials = Some(Credentials { user: user.into(), password: password.into() });
        self
    }

    /// Makes the check. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// When the address is not `host:port`, or the credentials cannot be written in the text protocol.
    pub fn build(self) -> Result<Memcached, BuildError> {
        let Self { address, credentials } = self;
        let mut mistakes = Vec::new();
        let address = Address::read(&address, &mut mistakes);
        if let Some(Credentials { user, password }) = &credentials {
            if user.is_empty() || user.contains([' ', ':']) || user.contains(char::is_control) {
                mistakes.push(
                    "`user` must have neither space, colon nor control character, and not be empty; \
                    memcached has no other users"
                        .to_owned(),
                );
            }
            if password.is_empty() || password.contains(char::is_control) {
                mistakes.push(
                    "`password` must have no control character, and not be empty; memcached has no other passwords".to_owned(),
                );
            }
        }
        BuildError::unless("Memcached", mistakes, || {
            let asker = Asker { address, credentials, kept: Mutex::default() };
            Memcached { inner: Arc::new(Inner { asker: Arc::new(asker), question: Question::default() }) }
        })
    }
}

impl Asker {
    async fn ask(&self) -> Result<String, Fault> {
        let kept = self.lock().take();
        // After a restart of the server the connection is broken, and nothing says so before it is used.
        if let Some(mut session) = kept
            && let Ok(version) = session.version(self.credentials.as_ref()).await
        {
            return Ok(self.keep(session, version));
        }
        let mut session = Session::open(&self.address).await?;
        let version = session.version(self.credentials.as_ref()).await?;
        Ok(self.keep(session, version))
    }

    fn keep(&self, session: Session, version: String) -> String {
        *self.lock() = Some(session);
        version
    }

    fn lock(&self) -> MutexGuard<'_, Option<Session>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Run for Memcached {
    fn start(&self) -> CheckFuture<'static> {
        let check = self.clone();
        Box::pin(async move { check.run().await })
    }

    fn is_external(&self) -> bool {
        true
    }
}

impl fmt::Debug for Memcached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memcached").field("address", &self.inner.asker.address).finish_non_exhaustive()
    }
}

// The address was not read yet, and may be a URL with a password.
impl fmt::Debug for MemcachedBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemcachedBuilder").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
