use health_runtime::health_check;

#[health_check(readiness, retries = 3)]
async fn database() {}

fn main() {}
