use health_runtime::health_check;

#[health_check(readiness, success_threshold = 1.5)]
async fn database() {}

fn main() {}
