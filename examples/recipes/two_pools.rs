//! A primary and a replica of one type: each value has a name, and each argument takes one by its name.

use health_runtime::{Health, Kind, Outcome, health_check};

struct Pool {
    lag_seconds: u32,
}

/// The primary accepts writes.
#[health_check(readiness)]
fn primary(#[named("primary")] pool: &Pool) -> Outcome {
    Outcome::up().with("lag_seconds", pool.lag_seconds)
}

/// The replica follows the primary.
#[health_check(readiness, critical = false)]
fn replica(#[named("primary")] primary: &Pool, #[named("replica")] replica: &Pool) -> Outcome {
    match replica.lag_seconds.saturating_sub(primary.lag_seconds) {
        0..10 => Outcome::up(),
        behind => Outcome::degraded(format!("{behind} s behind")),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let health = Health::builder()
        .named_state("primary", Pool { lag_seconds: 0 })
        .named_state("replica", Pool { lag_seconds: 12 })
        .start()?;
    println!("{}", serde_json::to_string(&*health.report(Kind::Readiness).await)?);
    Ok(())
}
