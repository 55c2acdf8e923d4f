use health_runtime::health_check;

#[health_check(readiness, description = 5)]
async fn database() {}

fn main() {}
