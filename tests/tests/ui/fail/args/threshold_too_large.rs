use health_runtime::health_check;

#[health_check(readiness, success_threshold = 4294967296)]
async fn database() {}

fn main() {}
