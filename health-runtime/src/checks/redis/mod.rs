//! A Redis, or what speaks its protocol.

mod asker;
mod connect;

use std::fmt;
use std::sync::Arc;

use redis::aio::{ConnectionManager, MultiplexedConnection};
use redis::{Client, ConnectionAddr, ErrorKind, RedisError, ServerErrorKind};

use self::asker::{Answer, Asker, Given};
use super::build_error::BuildError;
use crate::checks::shared::resolve;
use crate::checks::shared::single_flight::Question;
use crate::core::engine::run_context::RunContext;
use crate::core::model::outcome::Outcome;
use crate::core::registry::check::Run;
use crate::core::registry::descriptor::CheckFuture;

/// A Redis answers `PING`, is not loading its data, and is no replica where that matters.
///
/// - A server that is still loading is down, `loading`. It is there, and will be up by itself.
/// - A replica is degraded, `read-only replica`: what the service reads it still gets. Where the service cannot do without
///   writing, say [`needs_writes`](RedisBuilder::needs_writes); where it never writes, [`reads_only`](RedisBuilder::reads_only).
///   Whether a replica was set up to take writes all the same is not looked into.
/// - A failure to log in, or a server that wants a password and has got none, is `authentication failed`.
///
/// Details: `role`, which is `master` or `replica`, and is left out with a server older than Redis 6, and `loading`, whether it
/// is. The user needs no more rights than `+ping`.
///
/// # Which connection
///
/// The check makes a connection of its own, keeps it, and makes it anew where it broke. It does not share the time limits of the
/// client, so that it is the check's `timeout` that counts.
///
/// With [`connection`](RedisBuilder::connection) or [`manager`](RedisBuilder::manager) it asks through that of the application,
/// and so says how the application fares. A multiplexed connection never comes back once it broke, and the check stays down
/// with it. A manager comes back, but says nothing while it tries, and then the check is down too. So that the reason is told
/// all the same, the check makes a connection beside it where there is no answer, or none within half of its `timeout`, and
/// takes the error of that one, which may be `connection refused`. The time that a manager gives a command, 500 ms unless it was
/// made with another, counts for the check as for the application: `timed out`.
///
/// # What it costs the server
///
/// | run | connections | round trips |
/// |---|---|---|
/// | the first, and one that finds the connection broken | 1, which is kept | 2 |
/// | every other | 0 | 1 |
/// | through a connection or a manager of the application | 0 | 1 |
/// | the same where there is no answer | 1, which is closed | 1 |
///
/// One round trip is `PING` and `HELLO` in one, the other sets a connection up. A server that does not answer is asked no second
/// time while the first question is open, for at least 10 s.
///
/// ```
/// use health_runtime::checks::Redis;
/// use health_runtime::{Check, Health, Kind};
/// use redis::Client;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let url = "redis://127.0.0.1:1/";
/// let client = Client::open(url)?; // such as "redis://cache.internal/"
/// let sessions = Redis::builder(client).needs_writes().build()?;
/// let health = Health::builder().check(Check::readiness("sessions", sessions)).start()?;
/// let report = health.report(Kind::Readiness).await;
/// assert_eq!(report.check("sessions").and_then(|check| check.error()), Some("connection refused"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Redis {
    inner: Arc<Inner>,
}

struct Inner {
    asker: Arc<Asker>,
    on_replica: OnReplica,
    question: Question<Answer, RedisError>,
}

/// The settings of a [`Redis`]. Made by [`Redis::builder`].
#[must_use = "no check is made until `build`"]
pub struct RedisBuilder {
    client: Client,
    connection: Option<MultiplexedConnection>,
    manager: Option<ConnectionManager>,
    needs_writes: bool,
    reads_only: bool,
}

#[derive(Debug, Clone, Copy)]
enum OnReplica {
    Up,
    Degraded,
    Down,
}

impl Redis {
    /// Begins with where the server is and how to log in.
    pub fn builder(client: Client) -> RedisBuilder {
        RedisBuilder { client, connection: None, manager: None, needs_writes: false, reads_only: false }
    }

    /// One run, for use inside an annotated function.
    pub async fn run(&self) -> Outcome {
        let Inner { asker, on_replica, question } = &*self.inner;
        let patience = RunContext::current().remaining() / 2;
        let answer = question.answer(|| {
            let asker = Arc::clone(asker);
            async move { asker.ask(patience).await }
        });
        match answer.await {
            Ok(Answer { ping: Ok(()), role }) => with_details(on_replica.outcome(role), role, false),
            Ok(Answer { ping: Err(error), role }) if error.kind() == ErrorKind::Server(ServerErrorKind::BusyLoading) => {
                with_details(Outcome::down("loading"), role, true)
            }
            Ok(Answer { ping: Err(error), .. }) | Err(error) if is_refused_login(&error) => {
                Outcome::failed_as("authentication failed", &error)
            }
            Ok(Answer { ping: Err(error), .. }) | Err(error) => resolve::failed(&error),
        }
    }
}

impl OnReplica {
    fn outcome(self, role: Option<&str>) -> Outcome {
        const REASON: &str = "read-only replica";
        match self {
            Self::Degraded if role == Some(REPLICA) => Outcome::degraded(REASON),
            Self::Down if role == Some(REPLICA) => Outcome::down(REASON),
            _ => Outcome::up(),
        }
    }
}

const REPLICA: &str = "replica";

fn with_details(outcome: Outcome, role: Option<&'static str>, loading: bool) -> Outcome {
    let outcome = match role {
        Some(role) => outcome.with("role", role),
        None => outcome,
    };
    outcome.with("loading", loading)
}

/// The client has a kind for what a server says to a login, which is not made where there is no password.
fn is_refused_login(error: &RedisError) -> bool {
    error.kind() == ErrorKind::AuthenticationFailed || matches!(error.code(), Some("WRONGPASS" | "NOAUTH"))
}

impl RedisBuilder {
    /// Asks through this connection of the application in place of one of its own. The check never changes what the
    /// connection does for others.
    pub fn connection(mut self, connection: MultiplexedConnection) -> Self {
        self.connection = Some(connection);
        self
    }

    /// Asks through this manager of the application in place of a connection of its own.
    pub fn manager(mut self, manager: ConnectionManager) -> Self {
        self.manager = Some(manager);
        self
    }

    /// Is down on a replica, in place of degraded: the service is of no use where it cannot write.
    pub fn needs_writes(mut self) -> Self {
        self.needs_writes = true;
        self
    }

    /// Is up on a replica, in place of degraded: the service only reads.
    pub fn reads_only(mut self) -> Self {
        self.reads_only = true;
        self
    }

    /// Makes the check. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// When the client is for port 0, or two settings contradict each other.
    pub fn build(self) -> Result<Redis, BuildError> {
        let Self { client, connection, manager, needs_writes, reads_only } = self;
        let mut mistakes = Vec::new();
        if let ConnectionAddr::Tcp(_, 0) | ConnectionAddr::TcpTls { port: 0, .. } = client.get_connection_info().addr() {
            mistakes.push("`client` is for port 0; make it for the port of the server, which is 6379 by default".to_owned());
        }
        if connection.is_some() && manager.is_some() {
            mistakes.push("`connection` and `manager` are both given; leave one out".to_owned());
        }
        let on_replica = match (needs_writes, reads_only) {
            (false, false) => OnReplica::Degraded,
            (true, false) => OnReplica::Down,
            (false, true) => OnReplica::Up,
            (true, true) => {
                mistakes.push("`needs_writes` and `reads_only` contradict each other; leave one out".to_owned());
                OnReplica::Down
            }
        };
        let given = connection.map(Given::Connection).or(manager.map(Given::Manager));
        BuildError::unless("Redis", mistakes, || {
            let asker = Arc::new(Asker::new(client, given));
            Redis { inner: Arc::new(Inner { asker, on_replica, question: Question::default() }) }
        })
    }
}

impl Run for Redis {
    fn start(&self) -> CheckFuture<'static> {
        let check = self.clone();
        Box::pin(async move { check.run().await })
    }

    fn is_external(&self) -> bool {
        true
    }
}

// The client's own form shows the user.
impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("on_replica", &self.inner.on_replica).finish_non_exhaustive()
    }
}

impl fmt::Debug for RedisBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { needs_writes, reads_only, .. } = self;
        f.debug_struct("RedisBuilder").field("needs_writes", needs_writes).field("reads_only", reads_only).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
