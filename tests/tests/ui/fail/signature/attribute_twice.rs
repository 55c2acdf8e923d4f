use health_runtime::health_check;

#[health_check(readiness)]
#[health_check(liveness)]
async fn database() {}

fn main() {}
