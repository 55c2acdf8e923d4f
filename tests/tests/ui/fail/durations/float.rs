use health_runtime::health_check;

#[health_check(readiness, timeout = 0.5)]
async fn database() {}

fn main() {}
