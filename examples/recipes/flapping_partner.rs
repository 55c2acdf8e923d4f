//! A partner that fails now and then. Failed runs keep the last status until 3 s have passed since the last good one.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use health_runtime::{Health, Kind, health_check};

/// The number of probes so far.
#[derive(Default)]
struct Partner(AtomicU32);

/// The partner answers. In production the grace is some periods of the probe, such as `"30s"`.
#[health_check(readiness, cache = "0s", timeout = "1s", grace = "3s")]
fn partner(partner: &Partner) -> Result<(), std::io::Error> {
    match partner.0.fetch_add(1, Ordering::Relaxed) {
        0 | 2 => Ok(()),
        _ => Err(std::io::ErrorKind::ConnectionReset.into()),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let health = Health::builder().state(Partner::default()).start()?;
    for pause in [0, 0, 0, 0, 3100] {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        let report = health.report(Kind::Readiness).await;
        println!("{}", report.state());
    }
    Ok(())
}
