use health_runtime::health_check;

#[health_check(readiness, timeout = 500)]
async fn database() {}

fn main() {}
