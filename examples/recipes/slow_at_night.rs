//! A report that is slow while the backup runs: degraded, and not down, so the service stays in rotation.

use std::time::Duration;

use health_runtime::{Health, Kind, health_check};

struct Reports {
    backup_is_running: bool,
}

/// The reports can be read.
#[health_check(readiness, slow = "300ms", timeout = "5s")]
async fn reports(reports: &Reports) {
    if reports.backup_is_running {
        tokio::time::sleep(Duration::from_millis(350)).await;
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    for backup_is_running in [false, true] {
        let health = Health::builder().state(Reports { backup_is_running }).start()?;
        let report = health.report(Kind::Readiness).await;
        println!("backup {backup_is_running}: {}", report.state());
    }
    Ok(())
}
