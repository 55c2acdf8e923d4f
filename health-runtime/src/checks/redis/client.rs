//! Runs of the check, over a connection of the check or one of the application.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::aio::{ConnectionLike, ConnectionManager, MultiplexedConnection};
use redis::io::AsyncDNSResolver;
use redis::{AsyncConnectionConfig, Client, RedisFuture, RedisResult};
use tokio::time::timeout;

use super::evaluate::{evaluate, failure};
use super::questions::{Answers, Questions};
use crate::checks::shared::connector::KeptConnection;
use crate::checks::shared::resolve;
use crate::core::model::outcome::Outcome;
use crate::core::model::status::Status;

pub(super) struct RedisClient {
    client: Client,
    /// The status of a server that rejects writes.
    pub(super) without_writes: Status,
    app_connection: Option<AppConnection>,
    /// The questions to the server of the application's connection.
    app_questions: Mutex<Questions>,
    /// The check's own connection, if the application shares none.
    own_connection: KeptConnection<OwnConnection>,
}

/// A connection of the application.
pub(super) enum AppConnection {
    Multiplexed(MultiplexedConnection),
    Manager(ConnectionManager),
}

struct OwnConnection {
    connection: MultiplexedConnection,
    questions: Questions,
    /// The answers of a new connection, until they are evaluated.
    answers: Option<Answers>,
}

impl RedisClient {
    pub(super) fn new(client: Client, without_writes: Status, mut app_connection: Option<AppConnection>) -> Self {
        if let Some(AppConnection::Multiplexed(connection)) = &mut app_connection {
            // This changes only this handle; those of the application keep their timeout.
            connection.set_response_timeout(Duration::MAX);
        }
        let app_questions = Mutex::new(Questions::all(without_writes));
        Self { client, without_writes, app_connection, app_questions, own_connection: KeptConnection::default() }
    }

    /// Queries the server. If it has no response after `diagnose_after`, a new connection shows the reason. An outcome that is not
    /// up is an `Err` if the next run is to use another connection.
    pub(super) async fn run(&self, diagnose_after: Duration) -> Result<Outcome, Outcome> {
        match &self.app_connection {
            // The server of a kept connection may have become a replica, and the name may lead to another one. So only a new
            // connection is trusted with an outcome that is not up, and it is not kept either.
            None => self.own_connection.query(self.open(diagnose_after), |own| self.query_own(own)).await,
            Some(AppConnection::Multiplexed(connection)) => self.query_app(connection.clone(), diagnose_after).await,
            Some(AppConnection::Manager(manager)) => self.query_app(manager.clone(), diagnose_after).await,
        }
    }

    async fn query_own(&self, mut own: OwnConnection) -> Result<(OwnConnection, Outcome), Outcome> {
        let answers = match own.answers.take() {
            Some(answers) => answers,
            None => own.questions.ask(&mut own.connection).await.map_err(|error| failure(&error))?,
        };
        let outcome = evaluate(answers, self.without_writes);
        if outcome.status == Status::Up { Ok((own, outcome)) } else { Err(outcome) }
    }

    /// Opens a connection. A proxy may close it because of an optional question, or ignore that. Another connection, which is
    /// only asked `PING`, shows whether the server responds.
    async fn open(&self, diagnose_after: Duration) -> Result<OwnConnection, Outcome> {
        let connection = connect(&self.client).await.map_err(|error| failure(&error))?;
        let mut first = pin!(first_answers(connection, Questions::all(self.without_writes)));
        let plain = async { first_answers(connect(&self.client).await?, Questions::none()).await };
        match timeout(diagnose_after, &mut first).await {
            Ok(Ok(own)) => Ok(own),
            Ok(Err(_closed)) => plain.await,
            Err(_elapsed) => tokio::select! {
                Ok(own) = &mut first => Ok(own),
                own = plain => own,
            },
        }
        .map_err(|error| failure(&error))
    }

    async fn query_app(&self, app_connection: impl ConnectionLike + Clone, diagnose_after: Duration) -> Result<Outcome, Outcome> {
        let answers = self.ask_app(app_connection, diagnose_after).await.map_err(|error| failure(&error))?;
        Ok(evaluate(answers, self.without_writes))
    }

    /// A broken connection has no reason, and a manager that reconnects returns nothing for seconds. So this opens an extra
    /// connection, whose error is the reason. If that connects, the result of the application's connection counts.
    async fn ask_app(&self, app_connection: impl ConnectionLike + Clone, diagnose_after: Duration) -> RedisResult<Answers> {
        let ask = |mut questions: Questions| {
            let mut connection = app_connection.clone();
            async move { questions.ask(&mut connection).await.map(|answers| (answers, questions)) }
        };
        let questions = *self.app_questions.lock().unwrap_or_else(PoisonError::into_inner);
        let mut first = Box::pin(ask(questions));
        let (answers, questions) = match timeout(diagnose_after, &mut first).await {
            Ok(Ok(answered)) => answered,
            Ok(Err(_broken)) => {
                connect(&self.client).await?;
                // A manager has reconnected by now. If the connection breaks again, a question may be the reason.
                match ask(questions).await {
                    Ok(answered) => answered,
                    Err(_broken) => ask(Questions::none()).await?,
                }
            }
            Err(_elapsed) => {
                connect(&self.client).await?;
                first.await?
            }
        };
        *self.app_questions.lock().unwrap_or_else(PoisonError::into_inner) = questions;
        Ok(answers)
    }
}

/// Asks the questions over a new connection.
async fn first_answers(mut connection: MultiplexedConnection, mut questions: Questions) -> RedisResult<OwnConnection> {
    let answers = questions.ask(&mut connection).await?;
    Ok(OwnConnection { connection, questions, answers: Some(answers) })
}

/// Connects without time limits, so that only the timeout of the check counts.
async fn connect(client: &Client) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None).set_dns_resolver(Resolver);
    client.get_multiplexed_async_connection_with_config(&config).await
}

/// Resolves on a dedicated thread. The client's default resolver blocks a thread of tokio's pool.
struct Resolver;

impl AsyncDNSResolver for Resolver {
    fn resolve<'a, 'b: 'a>(
        &'a self,
        host: &'b str,
        port: u16,
    ) -> RedisFuture<'a, Box<dyn Iterator<Item = SocketAddr> + Send + 'a>> {
        Box::pin(async move {
            let addresses = resolve(host, port).await?;
            Ok(Box::new(addresses.into_iter()) as Box<dyn Iterator<Item = SocketAddr> + Send>)
        })
    }
}
