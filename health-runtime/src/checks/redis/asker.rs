//! One question to a Redis, over a connection of our own or of the application's.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::{ConnectionLike, ConnectionManager, MultiplexedConnection};
use redis::{Client, RedisResult, Value, from_redis_value, pipe};
use tokio::time::timeout;

use super::connect::connect;

/// What one question needs.
pub(super) struct Asker {
    client: Client,
    given: Option<Given>,
    /// Our own connection, where none is given. A question that is given up takes it with it.
    kept: Mutex<Option<MultiplexedConnection>>,
}

/// What the application asks through itself.
pub(super) enum Given {
    Connection(MultiplexedConnection),
    Manager(ConnectionManager),
}

/// What the server said.
pub(super) struct Answer {
    pub(super) ping: RedisResult<()>,
    pub(super) role: Option<&'static str>,
}

impl Asker {
    pub(super) fn new(client: Client, mut given: Option<Given>) -> Self {
        if let Some(Given::Connection(connection)) = &mut given {
            // Of this handle alone; those of the application keep theirs.
            connection.set_response_timeout(Duration::MAX);
        }
        Self { client, given, kept: Mutex::default() }
    }

    /// Looks after `patience` for the reason why the application's connection is silent.
    pub(super) async fn ask(&self, patience: Duration) -> RedisResult<Answer> {
        match &self.given {
            None => self.ask_on_our_own().await,
            Some(Given::Connection(connection)) => self.ask_through(connection.clone(), patience).await,
            Some(Given::Manager(manager)) => self.ask_through(manager.clone(), patience).await,
        }
    }

    async fn ask_on_our_own(&self) -> RedisResult<Answer> {
        let kept = self.lock().take();
        // After a restart of the server the connection is broken, and nothing says so before it is used.
        if let Some(connection) = kept
            && let Ok(answer) = ask(connection.clone()).await
        {
            return Ok(self.keep(connection, answer));
        }
        let connection = connect(&self.client).await?;
        let answer = ask(connection.clone()).await?;
        Ok(self.keep(connection, answer))
    }

    /// A broken connection does not say why, and a manager that connects anew says nothing for seconds. So one is made beside it,
    /// whose error tells. Where it has none, what the application gets is what counts.
    async fn ask_through(&self, given: impl ConnectionLike + Clone, patience: Duration) -> RedisResult<Answer> {
        let mut first = Box::pin(ask(given.clone()));
        match timeout(patience, &mut first).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_broken)) => {
                connect(&self.client).await?;
                // A manager has connected anew by now.
                ask(given).await
            }
            Err(_silent) => {
                connect(&self.client).await?;
                first.await
            }
        }
    }

    fn keep(&self, connection: MultiplexedConnection, answer: Answer) -> Answer {
        *self.lock() = Some(connection);
        answer
    }

    fn lock(&self) -> MutexGuard<'_, Option<MultiplexedConnection>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `HELLO` without arguments changes nothing, and needs no right that a user may lack. It tells the role, also while the server
/// is loading.
async fn ask(mut connection: impl ConnectionLike) -> RedisResult<Answer> {
    let mut question = pipe();
    question.ignore_errors().cmd("PING").cmd("HELLO");
    let (ping, hello): (RedisResult<Value>, RedisResult<Value>) = question.query_async(&mut connection).await?;
    let hello = hello.and_then(|hello| Ok(from_redis_value::<HashMap<String, Value>>(hello)?)).unwrap_or_default();
    let role = hello.get("role").and_then(|role| match role {
        Value::BulkString(role) => ["master", super::REPLICA].into_iter().find(|known| known.as_bytes() == role),
        _ => None,
    });
    Ok(Answer { ping: ping.map(drop), role })
}
