//! A method of a client as the check: `&self` is the state.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use health_runtime::{Health, Kind, Outcome, health_check, health_checks};

#[derive(Default)]
struct Payments {
    failures: AtomicU64,
}

#[health_checks]
impl Payments {
    const MAX_FAILURES: u32 = 3;

    fn charge(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }

    /// The provider accepts payments.
    #[health_check(readiness, name = "payments", critical = false, failure_threshold = Self::MAX_FAILURES)]
    fn status(&self) -> Outcome {
        match self.failures.load(Ordering::Relaxed) {
            0 => Outcome::up(),
            failures => Outcome::degraded("payments fail").with("failures", failures),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let payments = Arc::new(Payments::default());
    let health = Health::builder().shared_state(Arc::clone(&payments)).start()?;
    payments.charge();
    println!("{}", serde_json::to_string(&*health.report(Kind::Readiness).await)?);
    Ok(())
}
