//! Policies in environment variables, for one deployment.
//!
//! ```text
//! HEALTH_CACHE_CRITICAL=false HEALTH_SHARD_ENABLED=false cargo run -p health-recipes --bin policy_from_the_environment
//! ```

use health_runtime::{Health, Kind, health_check};

struct Shard;

#[health_check(readiness)]
fn cache() -> Result<(), std::io::Error> {
    Err(std::io::ErrorKind::ConnectionRefused.into())
}

/// `HEALTH_SHARD_…` changes all instances, and `HEALTH_SHARD_EU_…` one.
#[health_check(readiness)]
fn shard(#[each] shard: &Shard) {
    let _ = shard;
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let health = Health::builder().named_state("eu", Shard).named_state("us", Shard).overrides_from_env("HEALTH_").start()?;
    println!("{}", serde_json::to_string(&*health.report(Kind::Readiness).await)?);
    Ok(())
}
