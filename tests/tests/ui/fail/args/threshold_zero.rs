use health_runtime::health_check;

#[health_check(readiness, failure_threshold = 0)]
async fn database() {}

fn main() {}
