use health_runtime::health_check;

#[health_check(readiness, timeout = "1h1ms")]
async fn database() {}

fn main() {}
