//! A repository behind a trait object: the check takes `&dyn Repository`, and a test can give it another one.

use std::sync::Arc;

use health_runtime::{Health, Kind, health_check};

trait Repository: Send + Sync {
    fn count(&self) -> Result<u64, String>;
}

struct InMemory(Vec<String>);

impl Repository for InMemory {
    fn count(&self) -> Result<u64, String> {
        u64::try_from(self.0.len()).map_err(|error| error.to_string())
    }
}

/// The repository can be queried.
#[health_check(readiness)]
fn orders(repository: &dyn Repository) -> Result<(), String> {
    repository.count().map(drop)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let repository: Arc<dyn Repository> = Arc::new(InMemory(vec!["order 1".to_owned()]));
    let health = Health::builder().shared_state(repository).start()?;
    println!("{}", serde_json::to_string(&*health.report(Kind::Readiness).await)?);
    Ok(())
}
