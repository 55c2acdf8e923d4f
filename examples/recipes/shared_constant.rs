//! One timeout for a client and its check. A value out of range is a compile error.

use std::error::Error;
use std::time::Duration;

use health_runtime::{Health, Kind, health_check};
use tokio::time::{sleep, timeout};

const SEARCH_TIMEOUT: Duration = Duration::from_millis(50);

async fn search(words: &str) -> Result<usize, Box<dyn Error + Send + Sync>> {
    // The search engine hangs.
    timeout(SEARCH_TIMEOUT, sleep(Duration::from_secs(3600))).await.map_err(|_| "no answer")?;
    Ok(words.len())
}

/// The search engine answers as fast as its users need it.
#[health_check(readiness, timeout = SEARCH_TIMEOUT)]
async fn search_engine() {
    sleep(Duration::from_secs(3600)).await;
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("{}", search("shoes").await.map_or_else(|error| error.to_string(), |hits| hits.to_string()));
    let report = Health::builder().start()?.report(Kind::Readiness).await;
    println!("{}", report.check("search_engine").and_then(|check| check.error()).unwrap_or("up"));
    Ok(())
}
