//! The list of the latest orders, kept in Redis for a moment where its URL was given.

use std::error::Error;
use std::time::Duration;

use health_runtime::Check;
use health_runtime::checks::Redis;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, Client};

use crate::store::Order;

const KEY: &str = "orders:latest";
const SECONDS: u64 = 1;
/// A cache that takes longer is no help.
const LONGEST: Duration = Duration::from_millis(200);

/// A cache that may be there. Without it, and while it is away, every list comes from the database.
#[derive(Clone, Default)]
pub(crate) struct Cache(Option<ConnectionManager>);

impl Cache {
    /// Nothing is connected yet. The check is not critical, because the orders are served without the cache too.
    pub(crate) fn at(url: &str) -> Result<(Self, Check), Box<dyn Error>> {
        let client = Client::open(url)?;
        let check = Check::readiness("cache", Redis::builder(client.clone()).build()?)
            .critical(false)
            .description("The cache of the list of orders answers.");
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(LONGEST))
            .set_connection_timeout(Some(LONGEST))
            .set_number_of_retries(0);
        let manager = ConnectionManager::new_lazy_with_config(client, config)?;
        Ok((Self(Some(manager)), check))
    }

    pub(crate) async fn latest(&self) -> Option<Vec<Order>> {
        let json: String = self.0.clone()?.get(KEY).await.ok()?;
        serde_json::from_str(&json).ok()
    }

    pub(crate) async fn keep(&self, latest: &[Order]) {
        if let (Some(mut manager), Ok(json)) = (self.0.clone(), serde_json::to_string(latest)) {
            // What is not kept is read from the database once more.
            let _kept: redis::RedisResult<()> = manager.set_ex(KEY, json, SECONDS).await;
        }
    }

    /// After a change: the next list is to show it.
    pub(crate) async fn forget(&self) {
        if let Some(mut manager) = self.0.clone() {
            let _forgotten: redis::RedisResult<()> = manager.del(KEY).await;
        }
    }
}
