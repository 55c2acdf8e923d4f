use health_runtime::health_check;

#[health_check(readiness)]
/// The orders database.
#[health_runtime::health_check(liveness)]
async fn database() {}

fn main() {}
