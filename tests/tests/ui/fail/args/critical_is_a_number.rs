use health_runtime::health_check;

#[health_check(readiness, critical = 0)]
async fn database() {}

fn main() {}
