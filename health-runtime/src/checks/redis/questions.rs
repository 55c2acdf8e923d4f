//! The questions to a Redis: `PING`, which must be answered, and optional ones, which a server or a proxy may refuse.

use redis::aio::ConnectionLike;
use redis::{Cmd, RedisError, RedisResult, Value, from_redis_value_ref, pipe};

use crate::core::model::status::Status;

pub(super) const MASTER: &str = "master";
pub(super) const REPLICA: &str = "replica";

const PING: &[&str] = &["PING"];
/// Without arguments it changes nothing, needs no permission that a user may lack, and returns the role and the mode even while
/// the server is loading.
const HELLO: &[&str] = &["HELLO"];
const CLUSTER: &[&str] = &["CLUSTER", "INFO"];
/// An empty value never changes anything, but the server accepts or rejects the command like a write that does.
const WRITE: &[&str] = &["SETRANGE", "health-runtime:probe", "0", ""];

/// The optional questions. One that the server refuses is not asked again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Questions {
    hello: bool,
    write: bool,
    /// `None` until the server reports that it is part of a cluster.
    cluster: Option<bool>,
}

/// The responses of the server.
pub(super) struct Answers {
    pub(super) ping: RedisResult<()>,
    pub(super) role: Option<&'static str>,
    pub(super) cluster_failed: bool,
    pub(super) write_error: Option<RedisError>,
}

impl Questions {
    /// Returns all questions, and the write only if a server that rejects it is down.
    pub(super) fn all(without_writes: Status) -> Self {
        Self { hello: true, write: without_writes == Status::Down, cluster: None }
    }

    /// Returns no questions besides `PING`.
    pub(super) fn none() -> Self {
        Self { hello: false, write: false, cluster: Some(false) }
    }

    /// Sends `PING` and the optional questions in one round trip. The first answer of a member of a cluster costs another.
    pub(super) async fn ask(&mut self, connection: &mut impl ConnectionLike) -> RedisResult<Answers> {
        let optional = [(HELLO, self.hello), (WRITE, self.write), (CLUSTER, self.cluster == Some(true))];
        let commands = optional.into_iter().filter_map(|(command, is_asked)| is_asked.then_some(command));
        let mut replies = send(connection, [PING].into_iter().chain(commands)).await?.into_iter();
        let ping = replies.next().unwrap_or(Ok(Value::Nil)).map(drop);
        let mut next = |is_asked: &mut bool| if *is_asked { unless_refused(replies.next(), is_asked) } else { None };
        let hello = next(&mut self.hello).and_then(Result::ok);
        let write_error = next(&mut self.write).and_then(Result::err);
        let mut cluster = self.cluster.as_mut().and_then(next);
        if self.cluster.is_none() && text_of(hello.as_ref(), "mode").as_deref() == Some("cluster") {
            let is_asked = self.cluster.insert(true);
            cluster = unless_refused(send(connection, [CLUSTER]).await?.into_iter().next(), is_asked);
        }
        let role = match text_of(hello.as_ref(), "role").as_deref() {
            Some("master") => Some(MASTER),
            Some("replica" | "slave") => Some(REPLICA),
            _ => None,
        };
        let cluster = cluster.and_then(Result::ok).and_then(|info| from_redis_value_ref::<String>(&info).ok());
        let cluster_failed = cluster.is_some_and(|info| info.lines().any(|line| line.trim() == "cluster_state:fail"));
        Ok(Answers { ping, role, cluster_failed, write_error })
    }
}

/// Sends commands in one round trip. An error response to one of them does not affect the others.
async fn send(
    connection: &mut impl ConnectionLike,
    commands: impl IntoIterator<Item = &'static [&'static str]>,
) -> RedisResult<Vec<RedisResult<Value>>> {
    let mut pipeline = pipe();
    pipeline.ignore_errors();
    for words in commands {
        let mut command = Cmd::new();
        command.arg(words);
        pipeline.add_command(command);
    }
    pipeline.query_async(connection).await
}

/// Returns the response to a question, or nothing if the user has no permission, or if the server or a proxy does not know it. A
/// server has a code in capitals for any other reason.
fn unless_refused(reply: Option<RedisResult<Value>>, is_asked: &mut bool) -> Option<RedisResult<Value>> {
    let is_refusal = |error: &RedisError| match error.code() {
        None | Some("ERR" | "NOPERM") => true,
        Some(code) => !code.bytes().all(|byte| byte.is_ascii_uppercase()),
    };
    *is_asked = !reply.as_ref()?.as_ref().is_err_and(is_refusal);
    reply.filter(|_| *is_asked)
}

/// Returns the text of a field in a map of RESP 2 or 3.
fn text_of(map: Option<&Value>, key: &str) -> Option<String> {
    let is_key = |name: &Value| from_redis_value_ref::<String>(name).is_ok_and(|name| name == key);
    let (_, value) = map?.as_map_iter()?.find(|(name, _)| is_key(name))?;
    from_redis_value_ref(value).ok()
}
