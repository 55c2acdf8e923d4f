use health_runtime::health_check;

#[health_check(readiness, timeout = "ms")]
async fn database() {}

fn main() {}
