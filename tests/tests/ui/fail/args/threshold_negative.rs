use health_runtime::health_check;

#[health_check(readiness, failure_threshold = -1)]
async fn database() {}

fn main() {}
