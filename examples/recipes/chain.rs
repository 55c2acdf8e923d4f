//! Orders need a database, which needs the network. While the network is down, only its check runs and fails.

use std::io;

use health_runtime::{Health, Kind, health_check};

#[health_check(readiness)]
fn network() -> Result<(), io::Error> {
    Err(io::ErrorKind::NetworkUnreachable.into())
}

#[health_check(readiness, after = ["network"])]
fn database() -> Result<(), io::Error> {
    Err(io::ErrorKind::TimedOut.into())
}

#[health_check(readiness, after = ["database"])]
fn orders() -> Result<(), io::Error> {
    Err(io::ErrorKind::TimedOut.into())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let report = Health::builder().start()?.report(Kind::Readiness).await;
    for check in report.checks() {
        println!("{}: {}, {}", check.name(), check.status(), check.error().unwrap_or_default());
    }
    Ok(())
}
