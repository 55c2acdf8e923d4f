//! Queries to a Redis, over a connection of the check or one of the application.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use redis::aio::{ConnectionLike, ConnectionManager, MultiplexedConnection};
use redis::io::AsyncDNSResolver;
use redis::{AsyncConnectionConfig, Client, RedisFuture, RedisResult, Value, from_redis_value, pipe};
use tokio::time::timeout;

use crate::checks::shared::{KeptConnection, resolve};

pub(super) struct RedisClient {
    client: Client,
    app_connection: Option<AppConnection>,
    /// The check's own connection, if the application shares none.
    own_connection: KeptConnection<MultiplexedConnection>,
}

/// A connection of the application.
pub(super) enum AppConnection {
    Multiplexed(MultiplexedConnection),
    Manager(ConnectionManager),
}

/// The responses of the server to one query.
pub(super) struct ServerInfo {
    pub(super) ping: RedisResult<()>,
    pub(super) role: Option<&'static str>,
}

impl RedisClient {
    pub(super) fn new(client: Client, mut app_connection: Option<AppConnection>) -> Self {
        if let Some(AppConnection::Multiplexed(connection)) = &mut app_connection {
            // This changes only this handle; those of the application keep their timeout.
            connection.set_response_timeout(Duration::MAX);
        }
        Self { client, app_connection, own_connection: KeptConnection::default() }
    }

    /// Queries the server. If a connection of the application has no response after `diagnose_after`, it looks for the reason.
    pub(super) async fn query(&self, diagnose_after: Duration) -> RedisResult<ServerInfo> {
        match &self.app_connection {
            None => {
                let query = |connection: MultiplexedConnection| async { Ok((connection.clone(), query(connection).await?)) };
                self.own_connection.query(connect(&self.client), query).await
            }
            Some(AppConnection::Multiplexed(connection)) => self.ping_through_app(connection.clone(), diagnose_after).await,
            Some(AppConnection::Manager(manager)) => self.ping_through_app(manager.clone(), diagnose_after).await,
        }
    }

    /// A broken connection has no reason, and a manager that reconnects returns nothing for seconds. So this opens an extra
    /// connection, whose error is the reason. If that connects, the result of the application's connection counts.
    async fn ping_through_app(
        &self,
        app_connection: impl ConnectionLike + Clone,
        diagnose_after: Duration,
    ) -> RedisResult<ServerInfo> {
        let mut first = Box::pin(query(app_connection.clone()));
        match timeout(diagnose_after, &mut first).await {
            Ok(Ok(info)) => Ok(info),
            Ok(Err(_broken)) => {
                connect(&self.client).await?;
                // A manager has reconnected by now.
                query(app_connection).await
            }
            Err(_elapsed) => {
                connect(&self.client).await?;
                first.await
            }
        }
    }
}

/// Sends `PING` and `HELLO` in one round trip. `HELLO` without arguments changes nothing, needs no permission that a user may
/// lack, and returns the role even while the server is loading.
async fn query(mut connection: impl ConnectionLike) -> RedisResult<ServerInfo> {
    let mut commands = pipe();
    commands.ignore_errors().cmd("PING").cmd("HELLO");
    let (ping, hello): (RedisResult<Value>, RedisResult<Value>) = commands.query_async(&mut connection).await?;
    let hello = hello.and_then(|hello| Ok(from_redis_value::<HashMap<String, Value>>(hello)?)).unwrap_or_default();
    let role = hello.get("role").and_then(|role| match role {
        Value::BulkString(role) => ["master", super::REPLICA].into_iter().find(|known| known.as_bytes() == role),
        _ => None,
    });
    Ok(ServerInfo { ping: ping.map(drop), role })
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
