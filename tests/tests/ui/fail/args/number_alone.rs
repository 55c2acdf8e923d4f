use health_runtime::health_check;

#[health_check(readiness, 500)]
async fn database() {}

fn main() {}
