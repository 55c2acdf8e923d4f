#![forbid(unsafe_code)]
#![deny(warnings, dead_code, unused)]

use health_runtime::health_check;

#[health_check(readiness, tags = ["storage"])]
async fn database(pool: &String) -> Result<(), std::io::Error> {
    let _ = pool;
    Ok(())
}

#[health_check(liveness)]
fn alive() {}

fn main() {}
