//! Caches the list of the latest orders in Redis for a second, if a Redis URL is configured.

use std::error::Error;
use std::time::Duration;

use health_runtime::Check;
use health_runtime::checks::Redis;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, Client};

use crate::store::Order;

const KEY: &str = "orders:latest";
const TTL_SECONDS: u64 = 1;
/// A slower cache does not speed up a response.
const CACHE_TIMEOUT: Duration = Duration::from_millis(200);

/// An optional cache. Without it, or while it is unavailable, every list is read from the database.
#[derive(Clone, Default)]
pub(crate) struct Cache(Option<ConnectionManager>);

impl Cache {
    /// Creates the cache and its check, without connecting yet. The check is not critical, because orders are also served
    /// without the cache.
    pub(crate) fn new(url: &str) -> Result<(Self, Check), Box<dyn Error>> {
        let client = Client::open(url)?;
        let check = Check::readiness("cache", Redis::builder(client.clone()).build()?)
            .critical(false)
            .description("The cache of the order list responds.");
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(CACHE_TIMEOUT))
            .set_connection_timeout(Some(CACHE_TIMEOUT))
            .set_number_of_retries(0);
        let manager = ConnectionManager::new_lazy_with_config(client, config)?;
        Ok((Self(Some(manager)), check))
    }

    /// Returns the cached list, if there is one.
    pub(crate) async fn latest(&self) -> Option<Vec<Order>> {
        let json: String = self.0.clone()?.get(KEY).await.ok()?;
        serde_json::from_str(&json).ok()
    }

    /// Stores the list.
    pub(crate) async fn store(&self, latest: &[Order]) {
        if let (Some(mut manager), Ok(json)) = (self.0.clone(), serde_json::to_string(latest)) {
            // On an error the next list is read from the database.
            let _stored: redis::RedisResult<()> = manager.set_ex(KEY, json, TTL_SECONDS).await;
        }
    }

    /// Removes the list after a change, so that the next list shows the change.
    pub(crate) async fn invalidate(&self) {
        if let Some(mut manager) = self.0.clone() {
            let _removed: redis::RedisResult<()> = manager.del(KEY).await;
        }
    }
}
